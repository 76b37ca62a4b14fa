package main

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// machineryModule is the module of Talos's library.
const machineryModule = "github.com/siderolabs/talos/pkg/machinery"

// printVersion prints the version of Talos's library that was linked in. It asks
// the program itself and not the go.mod, so that a test can prove which of the
// two builds it talks to.
func printVersion([]string) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without module information")
	}

	for _, dependency := range info.Deps {
		if dependency.Path == machineryModule {
			fmt.Println(dependency.Version)

			return nil
		}
	}

	return fmt.Errorf("this program was built without %s", machineryModule)
}

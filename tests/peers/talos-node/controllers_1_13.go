//go:build talos1.13

package main

import "github.com/cosi-project/runtime/pkg/controller"

// versionControllers are those that only this version of Talos has.
func versionControllers() []controller.Controller {
	return nil
}

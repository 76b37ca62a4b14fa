// Command distributions-peer makes the PKIs of distributions with the libraries by which they make
// them: encodings, serial numbers, usages and lifetimes are those of the libraries. Names, and which
// certificate is made with what, are said here after the source of each.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	cfssl "github.com/cloudflare/cfssl/log"
	"github.com/sirupsen/logrus"
)

const usage = `usage: distributions-peer COMMAND FOLDER

  k3s, rke2 FOLDER   make in FOLDER/tls and FOLDER/cred what a server has, under the CAs and the
                     keys of service accounts that are there, as a server does after a rotation
  k0s FOLDER         make in FOLDER what a controller has in /var/lib/k0s/pki
  minikube FOLDER    make in FOLDER what minikube puts into /var/lib/minikube/certs before kubeadm
  shapes FOLDER      print what is the same in all that are made alike: a JSON object of the files
                     below FOLDER that have certificates or private keys

exit status: 0 done, 1 failed, 2 wrong usage
`

var errUsage = errors.New("wrong usage")

var commands = map[string]func(string) error{
	"k3s":      func(folder string) error { return makeServer("k3s", folder) },
	"rke2":     func(folder string) error { return makeServer("rke2", folder) },
	"k0s":      makeController,
	"minikube": makeMinikube,
	"shapes": func(folder string) error {
		shapes, err := shapesBelow(folder)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(shapes)
	},
}

func main() {
	// What the libraries tell while all is well.
	logrus.SetOutput(io.Discard)
	cfssl.Level = cfssl.LevelFatal
	err := run(os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "distributions-peer: %v\n", err)
	if errors.Is(err, errUsage) {
		fmt.Fprint(os.Stderr, "\n", usage)
		os.Exit(2)
	}
	os.Exit(1)
}

func run(arguments []string) error {
	if len(arguments) != 2 {
		return fmt.Errorf("%w: a command and a folder", errUsage)
	}
	command, ok := commands[arguments[0]]
	if !ok {
		return fmt.Errorf("%w: no such command: %s", errUsage, arguments[0])
	}
	folder, err := filepath.Abs(arguments[1])
	if err != nil {
		return err
	}
	return command(folder)
}

// write makes a file that its owner alone reads, and its folder.
func write(text []byte, parts ...string) error {
	path := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o600)
}

// Command rke1-peer makes the state of a cluster and the folder of a node with RKE's own code, and says
// how that code reads one and which flags it gives to the servers of Kubernetes.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/sirupsen/logrus"
)

const usage = `usage: rke1-peer COMMAND FOLDER

  make FOLDER     write FOLDER/cluster.rkestate as "rke up" does for FOLDER/cluster.yml, and
                  FOLDER/node, what its first node gets
  rotate FOLDER   do to both what "rke cert rotate --rotate-ca" does
  read FOLDER     print what RKE reads there: a JSON object with every certificate and key of
                  FOLDER/cluster.rkestate
  read-node SSL   the same of a node's folder /etc/kubernetes/ssl
  plan FOLDER     print how RKE runs each container on the first node: a JSON object

exit status: 0 done, 1 failed, 2 wrong usage
`

var errUsage = errors.New("wrong usage")

var commands = map[string]func(context.Context, string) (any, error){
	"make":      makeState,
	"rotate":    rotateState,
	"read":      readState,
	"read-node": readNode,
	"plan":      plan,
}

func main() {
	// What RKE tells while all is well.
	logrus.SetOutput(io.Discard)
	err := run(context.Background(), os.Args[1:])
	if err == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "rke1-peer: %v\n", err)
	if errors.Is(err, errUsage) {
		fmt.Fprint(os.Stderr, "\n", usage)
		os.Exit(2)
	}
	os.Exit(1)
}

func run(ctx context.Context, arguments []string) error {
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
	said, err := command(ctx, folder)
	if err != nil || said == nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(said)
}

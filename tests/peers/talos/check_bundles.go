package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/generate/secrets"
)

// request asks for a verdict on one bundle.
type request struct {
	Name string `json:"name"`
	// Contract is the Talos version that the bundle is for, such as "v1.14";
	// empty is the version of the library.
	Contract string `json:"contract"`
	// YAML and JSON are the files to judge; either may be left out.
	YAML string `json:"yaml"`
	JSON string `json:"json"`
	// Now is what the clock shows while certificates are issued and verified;
	// left out, it is the machine's clock.
	Now time.Time `json:"now"`
}

// verdict answers a request.
type verdict struct {
	Name     string   `json:"name"`
	OK       bool     `json:"ok"`
	Problems problems `json:"problems"`
}

// checkBundles answers the requests on standard input, in their order.
func checkBundles(args []string) error {
	return answerRequests("check-bundles", args, judgeBundle)
}

// answerRequests answers the requests on standard input, one JSON object a line,
// in their order.
//
// A request with RSA keys makes the library generate several of RSA-4096, a
// second each, so requests are answered side by side.
func answerRequests[T named](command string, args []string, judge func(T, *problems)) error {
	if len(args) != 0 {
		return fmt.Errorf("%w: %s takes its requests from standard input", errUsage, command)
	}

	lines, err := readLines(os.Stdin)
	if err != nil {
		return err
	}

	// A test that lost its requests must not pass.
	if len(lines) == 0 {
		return fmt.Errorf("%s: no request on standard input", command)
	}

	var (
		verdicts = make([]verdict, len(lines))
		turns    = make(chan struct{}, runtime.GOMAXPROCS(0))
		pending  sync.WaitGroup
	)

	for i, line := range lines {
		pending.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()

			verdicts[i] = answer(i, line, judge)
		})
	}

	pending.Wait()

	return printVerdicts(verdicts)
}

// readLines splits the input at line ends and skips blank lines.
func readLines(input io.Reader) ([][]byte, error) {
	text, err := io.ReadAll(bufio.NewReader(input))
	if err != nil {
		return nil, err
	}

	var lines [][]byte

	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) != 0 {
			lines = append(lines, line)
		}
	}

	return lines, nil
}

// named is a request that says what it is called in the verdict.
type named interface{ name() string }

// answer judges the request in one line of the input.
func answer[T named](index int, line []byte, judge func(T, *problems)) verdict {
	var (
		asked T
		found = problems{}
	)

	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()

	if err := decoder.Decode(&asked); err != nil {
		found.add(fmt.Sprintf("request %d", index+1), err)
	} else {
		judge(asked, &found)
	}

	return verdict{Name: asked.name(), OK: len(found) == 0, Problems: found}
}

func (asked request) name() string { return asked.Name }

// judgeBundle makes all checks of one bundle. Only a bundle that cannot be
// loaded ends it early.
func judgeBundle(asked request, found *problems) {
	now := asked.Now
	if now.IsZero() {
		now = time.Now()
	}

	var (
		contract *config.VersionContract
		bundle   *secrets.Bundle
	)

	found.try("contract", func() (err error) {
		contract, err = parseContract(asked.Contract)

		return err
	})

	found.try("load", func() (err error) {
		if asked.YAML == "" {
			bundle, err = loadJSONBundle(asked.JSON, now)
		} else {
			bundle, err = loadBundle(asked.YAML, now)
		}

		return err
	})

	if bundle == nil {
		return
	}

	found.try("validate", func() error { return validateBundle(bundle, contract) })
	checkEncoding(bundle, asked, found)
	checkAuthorities(bundle, now, found)
	checkServiceAccount(bundle, found)
	checkMachineConfigs(bundle, contract, found)
}

// parseContract reads a version contract. As with talosctl, none means that of
// the library.
func parseContract(version string) (*config.VersionContract, error) {
	if version == "" {
		return config.TalosVersionCurrent, nil
	}

	return config.ParseContractFromVersion(version)
}

// printVerdicts prints one line a verdict and fails if any is bad.
func printVerdicts(verdicts []verdict) error {
	var (
		err     error
		encoder = json.NewEncoder(os.Stdout)
	)

	encoder.SetEscapeHTML(false)

	for _, verdict := range verdicts {
		if !verdict.OK {
			err = errNotOK
		}

		if err := encoder.Encode(verdict); err != nil {
			return err
		}
	}

	return err
}

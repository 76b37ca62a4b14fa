package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// arguments are the flags of a program by name; a flag with several values is
// given several times. This file follows pkg/argsbuilder of Talos.
type arguments map[string][]string

// mergePolicy is what happens to a flag that Talos sets and a config gives, too.
type mergePolicy int

const (
	// overwritten: the config's values are taken instead. The rule unless another
	// is named.
	overwritten mergePolicy = iota
	// additive: the config's values are put behind Talos's in a list with commas.
	additive
	// denied: the config is in error.
	denied
)

// merge changes the flags by the extraArgs of a config.
func (a arguments) merge(extra map[string][]string, policies map[string]mergePolicy) error {
	for _, name := range slices.Sorted(maps.Keys(extra)) {
		switch policies[name] {
		case denied:
			return fmt.Errorf("extra arg %q is not allowed", name)
		case additive:
			a[name] = []string{addition(a[name], extra[name])}
		case overwritten:
			a[name] = extra[name]
		}
	}

	return nil
}

// addition joins two lists with commas and leaves out what is there already.
func addition(lists ...[]string) string {
	var all []string

	for _, value := range slices.Concat(lists...) {
		for part := range strings.SplitSeq(value, ",") {
			if part = strings.TrimSpace(part); part != "" && !slices.Contains(all, part) {
				all = append(all, part)
			}
		}
	}

	return strings.Join(all, ",")
}

// flags gives the command line, sorted by name.
func (a arguments) flags() []string {
	var flags []string

	for _, name := range slices.Sorted(maps.Keys(a)) {
		for _, value := range a[name] {
			flags = append(flags, fmt.Sprintf("--%s=%s", name, value))
		}
	}

	return flags
}

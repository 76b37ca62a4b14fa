package main

import (
	"fmt"
	"slices"
)

// problems collects everything that is wrong with one input, so that one run
// shows all of it.
type problems []string

// try runs one check and notes its error under the check's name. A panic ends
// only the check that it happens in.
func (p *problems) try(check string, run func() error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.add(check, fmt.Errorf("panic: %v", cause))
		}
	}()

	if err := run(); err != nil {
		p.add(check, err)
	}
}

// add notes an error, or each of those that it is a list of.
func (p *problems) add(check string, err error) {
	for _, err := range flatten(err) {
		*p = append(*p, check+": "+err.Error())
	}
}

// flatten takes apart the lists of errors that Talos's validators return, whose
// own text is one long paragraph.
func flatten(err error) []error {
	list, ok := err.(interface{ WrappedErrors() []error })
	if !ok {
		return []error{err}
	}

	var flat []error

	for _, err := range list.WrappedErrors() {
		flat = slices.Concat(flat, flatten(err))
	}

	return flat
}

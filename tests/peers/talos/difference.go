package main

import (
	"bytes"
	"fmt"
)

// expectSameBytes says where got first departs from want, with a little of both
// around that place: enough to see a wrong key or a lost space.
func expectSameBytes(want, got []byte) error {
	if bytes.Equal(want, got) {
		return nil
	}

	at := 0
	for at < len(want) && at < len(got) && want[at] == got[at] {
		at++
	}

	return fmt.Errorf("line %d, byte %d: Talos has %q, the file has %q",
		1+bytes.Count(want[:at], []byte{'\n'}), at, around(want, at), around(got, at))
}

// around cuts out what surrounds a place. It stays short because a whole line
// may be a private key, which nobody wants to meet in a test's output.
func around(text []byte, at int) []byte {
	const before, after = 24, 24

	return text[max(0, at-before):min(len(text), at+after)]
}

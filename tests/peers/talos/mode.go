package main

// mode is on what a machine runs for which a config is validated. Talos has it
// outside its library.
type mode string

const (
	// metal is a machine of its own, onto which Talos is installed.
	metal mode = "metal"
	// inContainer is one of a container engine.
	inContainer mode = "container"
)

func (m mode) String() string        { return string(m) }
func (m mode) RequiresInstall() bool { return m == metal }
func (m mode) InContainer() bool     { return m == inContainer }

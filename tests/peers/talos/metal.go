package main

// metal is the runtime mode that configs are validated for: a machine of its
// own, onto which Talos is installed. Talos has it outside its library.
type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

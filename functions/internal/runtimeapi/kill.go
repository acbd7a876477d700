package runtimeapi

// Kill ends the process at once, as when its host is lost. An invocation in hand
// ends with Runtime.ExitError.
func (f *Function) Kill() {
	_ = f.cmd.Process.Kill() // it may have ended in this very moment
	<-f.exited
}

package handler

import "runtime/debug"

// Version returns the version that the running program was built as: the
// release tag, or what Go notes of a build from a checkout.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

package codeartifact

// DataDate returns the day of the facts built in, "2026-09-26".
func DataDate() string { return dataDate }

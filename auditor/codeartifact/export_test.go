package codeartifact

// OutsideCount is the number of keys in the table of those that others settle.
var OutsideCount = len(outside)

package codeartifact

import "slices"

// Regions returns the Regions that have CodeArtifact, sorted, as of [DataDate].
//
// Source: https://docs.aws.amazon.com/general/latest/gr/codeartifact.html
func Regions() []string { return slices.Clone(partitions[0].regions) }

// HasRegion reports whether region has CodeArtifact.
func HasRegion(region string) bool { return slices.Contains(partitions[0].regions, region) }

// Partition says whether an AWS partition has CodeArtifact, and whether that is
// known of it.
func Partition(name string) (has, known bool) {
	for _, each := range partitions {
		if each.name == name {
			return len(each.regions) > 0, true
		}
	}
	return false, false
}

type partition struct {
	name    string
	regions []string
}

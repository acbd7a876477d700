package collect

import (
	"errors"
	"fmt"
)

// pageSize is the most entities a page may hold, of IAM and of CodeArtifact, and
// maxPages the number of pages after which a list that does not end is given
// up: more than any account's quotas allow.
//
// Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html,
// https://docs.aws.amazon.com/codeartifact/latest/APIReference/API_ListDomains.html
const (
	pageSize = 1000
	maxPages = 10000
)

// ErrNoNewPlace: a list would lead in a circle. ErrNoContent: an answer lacks
// what was asked for.
var (
	ErrNoNewPlace = errors.New("a page that is not the last says no new place to go on from")
	ErrNoContent  = errors.New("the answer holds no policy")
)

// Paged asks for one page after the other. next is given the place to go on
// from, nil at first, and returns the next one, nil or empty at the end. Places
// that come again would lead in a circle.
func Paged(next func(place *string) (*string, error)) error {
	var place *string
	seen := map[string]bool{}
	for range maxPages {
		following, err := next(place)
		if err != nil {
			return err
		}
		if following == nil || *following == "" {
			return nil
		}
		if seen[*following] {
			return ErrNoNewPlace
		}
		seen[*following] = true
		place = following
	}
	return fmt.Errorf("no end after %d pages", maxPages)
}

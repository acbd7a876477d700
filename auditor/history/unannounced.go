package history

import (
	"maps"
	"slices"
	"time"
)

// Watch is how it is noticed that events do not arrive. A sweep keeps the
// fingerprint of the documents of every user, group, role and policy of the
// account. An entity that the next sweep finds new or changed, and that no event
// has named since, is a suspect: its event may be on the way. A sweep that begins
// Grace later or more, and knows of no event even so, counts it, once.
//
// Entities are "role/name", "user/name", "group/name" and "policy/name".
type Watch struct {
	Prints   map[string]string    `json:"prints"`
	Suspects map[string]Suspicion `json:"suspects,omitempty"`
}

// Suspicion says of a changed entity when it was last seen unchanged, and when
// first seen changed.
type Suspicion struct {
	Since time.Time `json:"since"`
	Seen  time.Time `json:"seen"`
}

// Grace is how long an event may take. CloudTrail delivers within minutes as a
// rule, and does not promise it.
//
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html
const Grace = 15 * time.Minute

// Anything is announced by an event that does not say which entity it is about.
const Anything = "*"

// Watched returns the watch after a sweep that began at observed and found these
// fingerprints, and the entities that changed without an event, sorted.
func (s State) Watched(prints map[string]string, observed time.Time) (after Watch, unannounced []string) {
	after = Watch{Prints: prints, Suspects: map[string]Suspicion{}}
	if s.Swept.IsZero() || s.Watch.Prints == nil {
		return after, nil
	}
	suspects := maps.Clone(s.Watch.Suspects)
	if suspects == nil {
		suspects = map[string]Suspicion{}
	}
	for entity, print := range prints {
		if _, already := suspects[entity]; !already && s.Watch.Prints[entity] != print {
			suspects[entity] = Suspicion{Since: s.Swept, Seen: observed}
		}
	}
	for _, entity := range slices.Sorted(maps.Keys(suspects)) {
		suspicion := suspects[entity]
		switch {
		case s.announced(entity, suspicion.Since):
		case observed.Sub(suspicion.Seen) >= Grace:
			unannounced = append(unannounced, entity)
		default:
			after.Suspects[entity] = suspicion
		}
	}
	return after, unannounced
}

// announced reports whether an event named the entity since then. Records tell
// whole seconds.
func (s State) announced(entity string, since time.Time) bool {
	since = since.Truncate(time.Second)
	for _, name := range []string{entity, Anything} {
		if at, ok := s.Announced[name]; ok && !at.Before(since) {
			return true
		}
	}
	return false
}

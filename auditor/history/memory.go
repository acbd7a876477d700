package history

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory is a Store that lasts as long as the process. It is safe for use by
// several goroutines. The zero value is ready.
type Memory struct {
	mu       sync.Mutex
	accounts map[string]State
}

// Load returns a copy of what is known.
func (m *Memory) Load(_ context.Context, account string, findings ...string) (State, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	state, ok := m.accounts[account]
	if !ok {
		return State{Schema: Schema, Account: account}, nil
	}
	state.Items = maps.Clone(state.Items)
	state.Announced = maps.Clone(state.Announced)
	if len(findings) > 0 {
		state.Watch, state.Announced = Watch{}, nil
		maps.DeleteFunc(state.Items, func(id string, _ Item) bool { return !slices.Contains(findings, id) })
	}
	return state, nil
}

// Save writes what does not conflict.
func (m *Memory) Save(_ context.Context, update Update) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	state := m.accounts[update.Account]
	state.Schema, state.Account = Schema, update.Account
	if state.Items == nil {
		state.Items = make(map[string]Item)
	}
	for entity, at := range update.Announced {
		if state.Announced == nil {
			state.Announced = make(map[string]time.Time)
		}
		if at.After(state.Announced[entity]) {
			state.Announced[entity] = at
		}
	}
	var conflicts []string
	for _, write := range update.Writes {
		id := write.Edge.Finding.ID
		if state.Items[id].Edge.Number != write.Previous {
			conflicts = append(conflicts, id)
			continue
		}
		state.Items[id] = write.Item
	}
	if len(conflicts) == 0 && !update.Swept.IsZero() && !update.Swept.Before(state.Swept) {
		state.Swept, state.Ruleset, state.Seen, state.Watch = update.Swept, update.Ruleset, update.Seen, update.Watch
	}
	if m.accounts == nil {
		m.accounts = make(map[string]State)
	}
	m.accounts[update.Account] = state
	if len(conflicts) > 0 {
		return &ConflictError{Account: update.Account, Findings: conflicts}
	}
	return nil
}

// Sent clears pending flags.
func (m *Memory) Sent(_ context.Context, account string, sent []SentEdge) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.accounts[account].Items
	for _, edge := range sent {
		if item, ok := items[edge.Finding]; ok && item.Edge.Number == edge.Number {
			item.Pending = false
			items[edge.Finding] = item
		}
	}
	return nil
}

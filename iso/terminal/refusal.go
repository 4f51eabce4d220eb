package terminal

import (
	"maps"
	"sync"

	"treasury-switch/iso"
)

// Kind is what a message asks for.
type Kind string

// The kinds of messages that are served; KindOther is every other.
const (
	KindTariff     Kind = "tariff inquiry"
	KindStatus     Kind = "status inquiry"
	KindPurchase   Kind = "purchase"
	KindReversal   Kind = "reversal"
	KindManagement Kind = "network management"
	KindOther      Kind = "other"
)

// Stage is the check that refused a message.
type Stage string

// The stages in their order. What the switch refuses, by its rules or the network's
// word, is AtSwitch.
const (
	AtForm     Stage = "form"
	AtAcquirer Stage = "acquirer"
	AtTerminal Stage = "terminal"
	AtMAC      Stage = "mac"
	AtSwitch   Stage = "switch"
)

// Refusal is an answer other than 00.
type Refusal struct {
	Stage Stage
	Kind  Kind
	MTI   iso.MTI // of the request
	Code  iso.Code
	// Terminal is F41 of a terminal that Config.Known knows, and "" of any other, so
	// that what counts by terminal stays bounded.
	Terminal string
}

// Refused is what refusals are counted by.
type Refused struct {
	Stage Stage
	Code  iso.Code
}

// refusals counts. Stages and codes are few, so the maps stay small.
type refusals struct {
	mu        sync.Mutex
	by        map[Refused]uint64
	followUps map[Refused]uint64 // those of by that were told 09
}

// count notes a refusal, with what the terminal was told of it, and tells who watches.
func (c *Channel) count(r *request, kind Kind, at Stage, code, told iso.Code) {
	if kind == "" {
		kind = KindOther
	}
	terminal := r.m.Get(iso.FieldTerminal)
	if c.config.Known == nil || !c.config.Known(terminal) {
		terminal = ""
	}
	c.counts.mu.Lock()
	if c.counts.by == nil {
		c.counts.by, c.counts.followUps = make(map[Refused]uint64), make(map[Refused]uint64)
	}
	c.counts.by[Refused{at, code}]++
	if told != code {
		c.counts.followUps[Refused{at, code}]++
	}
	c.counts.mu.Unlock()
	c.config.Observe(Refusal{Stage: at, Kind: kind, MTI: r.m.MTI, Code: code, Terminal: terminal})
}

// Refusals tells how many messages were refused so far, by stage and code.
func (c *Channel) Refusals() map[Refused]uint64 {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	return maps.Clone(c.counts.by)
}

// FollowUps tells how many of them were about an earlier payment and told 09 instead of the code.
// Such a terminal comes again and again until somebody mends what is wrong.
func (c *Channel) FollowUps() map[Refused]uint64 {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	return maps.Clone(c.counts.followUps)
}

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

// The stages in their order. A refusal by the switch, by its rules or the network's answer, is AtSwitch.
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
	// Terminal is F41 of a terminal that Config.Known accepts, and "" of any other, so that counts by terminal stay
	// bounded.
	Terminal string
}

// Refused is the key of the counts of refusals.
type Refused struct {
	Stage Stage
	Code  iso.Code
}

// refusals counts refusals. Stages and codes are few, so the maps stay small.
type refusals struct {
	mu        sync.Mutex
	by        map[Refused]uint64
	followUps map[Refused]uint64 // those of by that were told 09
}

// count counts a refusal, with the code that the terminal was told, and reports it to the observer.
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

// Refusals returns how many messages were refused so far, by stage and code.
func (c *Channel) Refusals() map[Refused]uint64 {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	return maps.Clone(c.counts.by)
}

// FollowUps returns how many of them were about an earlier payment and told 09 instead of the code. Such a terminal
// repeats its message until the cause is removed.
func (c *Channel) FollowUps() map[Refused]uint64 {
	c.counts.mu.Lock()
	defer c.counts.mu.Unlock()
	return maps.Clone(c.counts.followUps)
}

package ledger

import (
	"testing"

	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// sound is a journal without fault, to be spoilt by tests.
func sound() Journal {
	return Journal{
		Agency: 101, Book: Live, ID: numbered(1), Version: 2, BusinessDay: saturday,
		Transfers: []Transfer{
			{Debit: House(101, Live, Clearing), Credit: NewAccountID(101, Live, 100), Amount: 10_000},
			{Debit: House(101, Live, Clearing), Credit: NewAccountID(105, Live, 100), Amount: 37_500},
		},
	}
}

func TestCheck(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*Journal)
		sound bool
	}{
		{"as it is", func(*Journal) {}, true},
		{"largest amount", func(j *Journal) { j.Transfers[0].Amount = money.MaxPayment }, true},
		{"reversal", func(j *Journal) { j.Reverses = 1 }, true},
		{"no agency", func(j *Journal) { j.Agency = 0 }, false},
		{"agency too large", func(j *Journal) { j.Agency = MaxAgency + 1 }, false},
		{"no book", func(j *Journal) { j.Book = 0 }, false},
		{"third book", func(j *Journal) { j.Book = 3 }, false},
		{"no id", func(j *Journal) { j.ID = [16]byte{} }, false},
		{"no version", func(j *Journal) { j.Version = 0 }, false},
		{"reverses itself", func(j *Journal) { j.Reverses = 2 }, false},
		{"reverses the future", func(j *Journal) { j.Reverses = 3 }, false},
		{"reverses a negative version", func(j *Journal) { j.Reverses = -1 }, false},
		{"no day", func(j *Journal) { j.BusinessDay = 0 }, false},
		{"no transfers", func(j *Journal) { j.Transfers = nil }, false},
		{"too many transfers", func(j *Journal) { j.Transfers = make([]Transfer, maxTransfers+1) }, false},
		{"zero amount", func(j *Journal) { j.Transfers[1].Amount = 0 }, false},
		{"negative amount", func(j *Journal) { j.Transfers[1].Amount = -1 }, false},
		{"amount above F4", func(j *Journal) { j.Transfers[1].Amount = money.MaxPayment + 1 }, false},
		{"same account on both sides", func(j *Journal) { j.Transfers[1].Debit = j.Transfers[1].Credit }, false},
		{"no debit account", func(j *Journal) { j.Transfers[1].Debit = 0 }, false},
		{"account without serial", func(j *Journal) { j.Transfers[1].Credit = NewAccountID(101, Live, 0) }, false},
		{"debit in the other book", func(j *Journal) { j.Transfers[0].Debit = House(101, Test, Clearing) }, false},
		{"credit in the other book", func(j *Journal) { j.Transfers[1].Credit = NewAccountID(105, Test, 100) }, false},
		{"journal in the other book", func(j *Journal) { j.Book = Test }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			j := sound()
			c.spoil(&j)
			err := Check(j)
			if c.sound && err != nil {
				t.Errorf("refused: %v", err)
			}
			if !c.sound && !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want a refusal as invalid", err)
			}
		})
	}
}

// TestG15_ReversalAmountDiffersFromApproved: a reversal that does not take back exactly what was credited is not built.
func TestG15_ReversalAmountDiffersFromApproved(t *testing.T) {
	cases := []struct {
		name  string
		spoil func(*Journal)
		sound bool
	}{
		{"as it is", func(*Journal) {}, true},
		{"lines in another order", func(j *Journal) { j.Transfers[0], j.Transfers[1] = j.Transfers[1], j.Transfers[0] }, true},
		{"straight to clearing", func(j *Journal) {
			j.Transfers[0].Credit, j.Transfers[1].Credit = House(101, Live, Clearing), House(101, Live, Clearing)
		}, true},
		{"less", func(j *Journal) { j.Transfers[0].Amount-- }, false},
		{"more", func(j *Journal) { j.Transfers[0].Amount++ }, false},
		{"same total from other accounts", func(j *Journal) { j.Transfers[0].Amount++; j.Transfers[1].Amount-- }, false},
		{"a part", func(j *Journal) { j.Transfers = j.Transfers[:1] }, false},
		{"a line twice", func(j *Journal) { j.Transfers = append(j.Transfers, j.Transfers[0]) }, false},
		{"from an account that was not credited", func(j *Journal) { j.Transfers[0].Debit = House(101, Live, RefundsPayable) }, false},
		{"names no original", func(j *Journal) { j.Reverses = 0 }, false},
		{"names another version", func(j *Journal) { j.Reverses = 1 }, false},
		{"of another payment", func(j *Journal) { j.ID = numbered(2) }, false},
		{"of another agency", func(j *Journal) { j.Agency = 105 }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			original := sound()
			reversal := withdrawalOf(original)
			c.spoil(&reversal)
			err := checkReversal(original, reversal)
			if c.sound && err != nil {
				t.Errorf("refused: %v", err)
			}
			if !c.sound && !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v, want a refusal as invalid", err)
			}
		})
	}
}

func TestAccountIDIsReadable(t *testing.T) {
	id := NewAccountID(101, Test, 107)
	if id != 1_012_000_107 {
		t.Errorf("id is %d", id)
	}
	if id.Agency() != 101 || id.Book() != Test || id.Serial() != 107 || !id.Valid() {
		t.Errorf("%d reads as agency %d, %s, serial %d", id, id.Agency(), id.Book(), id.Serial())
	}
	largest := NewAccountID(MaxAgency, Test, maxSerial)
	if largest.Agency() != MaxAgency || largest.Serial() != maxSerial || !largest.Valid() {
		t.Errorf("the largest id reads as agency %d, serial %d", largest.Agency(), largest.Serial())
	}
	if House(101, Live, Clearing) != 1_011_000_001 || House(101, Live, Revenue) != 0 {
		t.Error("house accounts are not numbered as documented")
	}
}

func TestReferences(t *testing.T) {
	good := map[string]Reference{
		"R-101-140101-01":       {Code: "R-101-140101-01"},
		"clearing":              {Code: "clearing"},
		"clearing@101":          {Code: "clearing", Agency: 101},
		"clearing-20261121":     {Code: "clearing", Day: saturday},
		"clearing-20261121@101": {Code: "clearing", Day: saturday, Agency: 101},
		"suspense-reversal@7":   {Code: "suspense-reversal", Agency: 7},
	}
	for text, want := range good {
		got, err := ParseReference(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: got %+v (%s), %v", text, got, got, err)
		}
	}
	for _, text := range []string{"", "clearing-2026112", "clearing-20261399", "clearing-14050830", "clearing-", "clearing@", "clearing@x",
		"clearing@0", "clearing@-1", "R-101-140101-01@101", "@101"} {
		if r, err := ParseReference(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q was read as %+v, %v", text, r, err)
		}
	}
}

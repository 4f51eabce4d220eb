package ledger

import (
	"encoding/binary"
	"testing"
)

// groupOf makes journals of two transfers over 200 agencies, as a busy recorder sees them.
func groupOf(size int, first uint64) []Journal {
	journals := make([]Journal, size)
	for i := range journals {
		agency := int32(101 + i%200)
		n := first + uint64(i)
		clearing := House(agency, Live, Clearing)
		j := Journal{Agency: agency, Book: Live, Version: 1, BusinessDay: saturday, Transfers: []Transfer{
			{Debit: clearing, Credit: NewAccountID(agency, Live, 100), Amount: 1_000},
			{Debit: clearing, Credit: NewAccountID(106, Live, 100), Amount: 500},
		}}
		binary.BigEndian.PutUint64(j.ID[:], n*0x9E3779B97F4A7C15) // Spread like the hashes that payments have.
		binary.BigEndian.PutUint64(j.ID[8:], n)
		journals[i] = j
	}
	return journals
}

// BenchmarkSheet is the program's own work for a group of 500 payments, without the database.
func BenchmarkSheet(b *testing.B) {
	journals := groupOf(500, 1)
	var sheet Sheet
	b.ReportAllocs()
	for b.Loop() {
		sheet.Reset()
		for i := range journals {
			if err := sheet.Add(&journals[i]); err != nil {
				b.Fatal(err)
			}
		}
		sheet.Balances(1)
	}
}

// BenchmarkRecord writes groups of 500 payments, a transaction each.
func BenchmarkRecord(b *testing.B) {
	k := newBooks(b)
	k.lane(1)
	var n uint64 = 1
	for b.Loop() {
		tx := k.group(1)
		k.must(Record(k.ctx, tx, 1, groupOf(500, n)))
		k.must(tx.Commit(k.ctx))
		n += 500
	}
}

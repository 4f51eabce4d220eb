package ledger

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"treasury-switch/calendar"
	"treasury-switch/internal/fault"
	"treasury-switch/money"
)

// TestSheets plays the sheets of testdata: accounts and journals as an accountant writes them, and the statements and trial
// balances that must come out. testdata/README.md explains how to read and write one.
func TestSheets(t *testing.T) {
	files, err := filepath.Glob("testdata/*.sheet")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sheets: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".sheet"), func(t *testing.T) {
			blocks := readSheet(t, file)
			s := &sheet{books: newBooks(t), book: Live}
			for _, b := range blocks {
				s.play(b)
			}
			s.holds()
		})
	}
}

// block is a line at the margin with the indented lines under it, each cut into words.
type block struct {
	where string
	head  []string
	lines [][]string
}

func readSheet(t *testing.T, file string) []block {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var blocks []block
	scanner := bufio.NewScanner(f)
	for n := 1; scanner.Scan(); n++ {
		text, _, _ := strings.Cut(scanner.Text(), "#")
		words := strings.Fields(text)
		switch {
		case len(words) == 0:
		case text[0] != ' ':
			blocks = append(blocks, block{where: fmt.Sprintf("%s:%d", filepath.Base(file), n), head: words})
		default:
			last := &blocks[len(blocks)-1]
			last.lines = append(last.lines, words)
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return blocks
}

// sheet plays blocks against the books.
type sheet struct {
	*books
	book Book
}

func (s *sheet) play(b block) {
	s.t.Helper()
	switch b.head[0] {
	case "accounts":
		for _, l := range b.lines {
			s.account(l[0], s.book)
		}
	case "day":
		s.day(s.book, s.date(b.head[1]))
	case "close":
		s.must(CloseDay(s.ctx, s.db, s.book, s.date(b.head[2]), noon))
	case "freeze":
		s.freeze(s.book, b.head[1])
	case "journal":
		s.journal(b)
	case "statement":
		s.compare(b, s.statement(b))
	case "trial":
		s.compare(b, s.trialBalance(b))
	case "balance":
		s.compare(b, s.balance(b))
	default:
		s.t.Fatalf("%s: %q is no block of a sheet", b.where, b.head[0])
	}
}

// compare checks what came out against the lines of the sheet, word by word.
func (s *sheet) compare(b block, got []string) {
	s.t.Helper()
	want := make([]string, len(b.lines))
	for i, l := range b.lines {
		want[i] = strings.Join(l, " ")
	}
	if strings.Join(want, "\n") != strings.Join(got, "\n") {
		s.t.Errorf("%s: %s\nwant:\n  %s\ngot:\n  %s", b.where, strings.Join(b.head, " "),
			strings.Join(want, "\n  "), strings.Join(got, "\n  "))
	}
}

// journal plays: journal 7/1 of 101 on 2026-11-21 [reverses 1] [refused conflict]
func (s *sheet) journal(b block) {
	s.t.Helper()
	id, version, _ := strings.Cut(b.head[1], "/")
	j := Journal{
		ID: numbered(uint64(s.number(id))), Version: int16(s.number(version)), Book: s.book,
		Agency: int32(s.number(b.option("of"))), BusinessDay: s.date(b.option("on")), Reverses: int16(s.number(b.option("reverses"))),
	}
	for _, l := range b.lines { // clearing@101 -> R-101-140101-01 10,000
		amount, err := money.Parse(l[3])
		s.must(err)
		j.Transfers = append(j.Transfers, Transfer{Debit: s.id(s.book, l[0]), Credit: s.id(s.book, l[2]), Amount: amount})
	}
	_, err := Post(s.ctx, s.db, j)
	got := ""
	if err != nil {
		got = strings.ReplaceAll(fault.KindOf(err).String(), " ", "-")
	}
	if want := b.option("refused"); got != want {
		s.t.Errorf("%s: refused %q (%v), want %q", b.where, got, err, want)
	}
}

func (s *sheet) statement(b block) []string {
	s.t.Helper()
	account, err := ParseReference(b.head[1])
	s.must(err)
	query := StatementQuery{Book: s.book, Account: account, From: s.date(b.option("from")), To: s.date(b.option("to")), Limit: 3}
	var out []string
	for range 100 {
		st, err := Statement(s.ctx, s.db, query)
		s.must(err)
		if query.After == "" {
			out = append(out, "opening "+st.Opening.Grouped())
		}
		for _, l := range st.Lines {
			n := strings.TrimLeft(l.Journal, "0")
			out = append(out, fmt.Sprintf("%s %s/%d %s %s %s %s", l.BusinessDay, n, l.Version, l.CounterCode,
				l.Debit.Grouped(), l.Credit.Grouped(), l.Balance.Grouped()))
		}
		if query.After = st.Next; query.After == "" {
			return append(out, "closing "+st.Closing.Grouped())
		}
	}
	s.t.Fatalf("%s: the statement does not end", b.where)
	return nil
}

func (s *sheet) trialBalance(b block) []string {
	s.t.Helper()
	t, err := TrialBalance(s.ctx, s.db, s.book, s.date(b.option("from")), s.date(b.option("to")))
	s.must(err)
	if !t.Balanced() {
		s.t.Errorf("%s: the trial balance does not balance", b.where)
	}
	var out []string
	for _, r := range append(t.Rows, t.Total) {
		out = append(out, fmt.Sprintf("%s %s %s %s %s", r.Account, r.Debit.Grouped(), r.Credit.Grouped(),
			r.BalanceDebit.Grouped(), r.BalanceCredit.Grouped()))
	}
	return out
}

func (s *sheet) balance(b block) []string {
	s.t.Helper()
	account, err := ParseReference(b.head[1])
	s.must(err)
	at, err := BalanceAt(s.ctx, s.db, s.book, account, s.date(b.option("at")))
	s.must(err)
	return []string{fmt.Sprintf("%s %s", at.Side, at.Balance.Grouped())}
}

// option is the word after a word of the head; empty if it is not there.
func (b block) option(name string) string {
	for i, word := range b.head[:len(b.head)-1] {
		if word == name {
			return b.head[i+1]
		}
	}
	return ""
}

func (s *sheet) number(text string) int64 {
	s.t.Helper()
	if text == "" {
		return 0
	}
	n, err := strconv.ParseInt(text, 10, 64)
	s.must(err)
	return n
}

func (s *sheet) date(text string) calendar.Date {
	s.t.Helper()
	if text == "" {
		return 0
	}
	d, err := calendar.Parse(text)
	s.must(err)
	return d
}

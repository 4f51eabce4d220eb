package endtoend

import (
	"fmt"
	"testing"
	"time"

	"treasury-switch/calendar"
	"treasury-switch/identity"
	"treasury-switch/internal/node"
	"treasury-switch/internal/pos"
	"treasury-switch/internal/testdb"
	"treasury-switch/iso"
	"treasury-switch/ledger"
	"treasury-switch/money"
)

// priced is a service as a point of sale asks for it, and the answer by the law's words. Due dates and first years are chosen
// so that every day of the year gives the same price.
type priced struct {
	terminal string
	agency   int32
	asked    iso.Private
	lines    string // code=amount, each with the legal basis on the receipt
	total    money.Rial
}

// pricedServices are sold by four agencies, in seven shapes of the law.
func pricedServices(today calendar.Date) []priced {
	year, _, _ := today.Jalali()
	const vosul, vat, fines = "قانون وصول برخی از درآمدهای دولت", "قانون مالیات بر ارزش افزوده", "قانون رسیدگی به تخلفات رانندگی"
	return []priced{
		// Filed today: 200,000,000 × 2.5 % + 100,000,000 × 3.5 %
		{"10200001", 102, iso.Private{Service: "COURT-CLAIM", Base: 300_000_000, HasBase: true, Requested: today}, "claim=8500000 " + vosul + " 3 12\n", 8_500_000},
		// The value is unknown at filing.
		{"10200001", 102, iso.Private{Service: "COURT-CLAIM", Requested: today}, "claim=1500000 " + vosul + " 3 12\n", 1_500_000},
		// 4.5 %
		{"10200001", 102, iso.Private{Service: "COURT-APPEAL", Base: 1_000_000, HasBase: true}, "appeal=45000 " + vosul + " 3 12\n", 45_000},
		// 0.5 % of 1,234,567 = 6,172.835, up to 7,000, twice
		{"10300001", 103, iso.Private{Service: "DEED", Base: 1_234_567, HasBase: true},
			"registration=7000 قانون ثبت اسناد و املاک 125\ncentral=7000 قانون بودجه سال ۱۴۰۵ کل کشور تبصره ۶ 5\n", 14_000},
		{"10400001", 104, iso.Private{Service: "TRAFFIC-FINE", Base: 1_200_001, HasBase: true, Due: today.Add(-20)},
			"fine=1200001 " + fines + " 23\n", 1_200_001},
		{"10400001", 104, iso.Private{Service: "TRAFFIC-FINE", Base: 1_200_001, HasBase: true, Due: today.Add(-80)},
			"fine=2400002 " + fines + " 23\n", 2_400_002},
		{"10400001", 104, iso.Private{Service: "LICENCE"}, "fee=2000000 قانون بودجه سال ۱۴۰۵ کل کشور جدول ۱۶\n" +
			"municipality=100000 قانون درآمد پایدار شهرداری\u200cها و دهیاری\u200cها 2\n" +
			"card=350000 مصوبه تعرفه خدمات دفاتر پیشخوان و پست 5\nvat=235000 " + vat + " 7\n", 2_685_000},
		// 40 % of 3,000,000,000 × 2 %
		{"10800001", 108, iso.Private{Service: "VEHICLE-TRANSFER", Base: 3_000_000_000, HasBase: true, Option: "IMPORTED", FirstYear: year - 9},
			"transfer=24000000 " + vat + " 30 2\n", 24_000_000},
	}
}

// counter is a point of sale with its line to the switch.
type counter struct {
	t    *testing.T
	pos  *pos.Terminal
	line *pos.Line
}

func openCounter(t *testing.T, n *node.Node, id string, agency int32, stan int) *counter {
	c := &counter{t: t, pos: pos.New(id, agency, stan, time.Now), line: pos.NewLine(n.Terminals(), 10*time.Second)}
	t.Cleanup(func() { _ = c.line.Close() })
	return c
}

// send exchanges a message that asks for a service.
func (c *counter) send(m *iso.Message, asked iso.Private) *iso.Message {
	c.t.Helper()
	private, err := asked.Encode()
	if err != nil {
		c.t.Fatal(err)
	}
	m.Set(48, private)
	answer, err := c.line.Exchange(c.t.Context(), m)
	if err != nil {
		c.t.Fatalf("%s: %v", asked.Service, err)
	}
	return answer
}

// pay asks for the service with a card and an amount.
func (c *counter) pay(asked iso.Private, amount money.Rial) *iso.Message {
	c.t.Helper()
	pan, err := identity.ParsePAN("6037990000000014")
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send(c.pos.Purchase(pos.Sale{Card: pan, Amount: amount}), asked)
}

// told is the lines of an answer, each with its legal basis, as the receipt prints them.
func told(t *testing.T, answer *iso.Message) (text string) {
	t.Helper()
	p, err := iso.ParsePrivate(answer.Get(48))
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range p.Lines {
		text += fmt.Sprintf("%s=%s %s\n", l.Code, l.Amount, iso.TerminalDialect().DecodeText(l.Citation))
	}
	return text
}

// The price of an inquiry is that of the payment; both tell what the receipt prints, and the shares are on the accounts.
func TestTariffsOnTheWire(t *testing.T) {
	n, network := startNode(t)
	defer func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		_ = network.Close()
	}()
	for i, want := range pricedServices(calendar.DateOf(time.Now())) {
		name := fmt.Sprintf("%s %d", want.asked.Service, i)
		c := openCounter(t, n, want.terminal, want.agency, 100*(i+1))
		inquiry := c.send(c.pos.Tariff(want.asked.Service, 0), want.asked)
		if code, got := pos.Code(inquiry), pos.Amount(inquiry); code != "00" || got != want.total || told(t, inquiry) != want.lines {
			t.Errorf("%s costs %s rial by %s, want %s:\n%swant\n%s", name, got, code, want.total, told(t, inquiry), want.lines)
		}
		if code := pos.Code(c.pay(want.asked, want.total-1)); code != "13" {
			t.Errorf("%s for a rial less: %s", name, code)
		}
		paid := c.pay(want.asked, want.total)
		if code := pos.Code(paid); code != "00" || told(t, paid) != want.lines {
			t.Errorf("%s is paid by %s:\n%swant\n%s", name, code, told(t, paid), want.lines)
		}
	}
	credited(t, map[string]money.Rial{
		"R-102-140102-01": 8_500_000 + 1_500_000 + 42_750, "P-107-01": 2_250 + 50_000,
		"R-103-140103-01": 7_000, "R-103-160201-01": 7_000, "R-104-140105-01": 2_000_000, "P-106-01": 350_000,
		"R-104-150101-01": 600_001 + 1_200_001, "R-105-140201-01": 600_000 + 1_200_001 + 100_000,
		"R-108-110201-01": 235_000, "R-108-110101-01": 23_950_000,
	})
	holds(t)
}

// credited checks the balances of all revenue and partner accounts against what is wanted.
func credited(t *testing.T, want map[string]money.Rial) {
	t.Helper()
	trial, err := ledger.TrialBalance(t.Context(), testdb.New(t), ledger.Live, 0, 0)
	if err != nil || !trial.Balanced() {
		t.Fatalf("trial balance: balanced %t, %v", trial.Balanced(), err)
	}
	for _, row := range trial.Rows {
		if row.BalanceCredit != want[row.Account] {
			t.Errorf("%s has %s rial, want %s", row.Account, row.BalanceCredit, want[row.Account])
		}
		delete(want, row.Account)
	}
	if len(want) > 0 {
		t.Errorf("nothing was credited to %v", want)
	}
}

// An exempt payer is told a price of zero and need not pay; nobody is charged by what the tariff cannot price.
func TestNoPriceOnTheWire(t *testing.T) {
	n, network := startNode(t)
	defer func() {
		if err := n.Stop(); err != nil {
			t.Errorf("stop: %v", err)
		}
		_ = network.Close()
	}()
	needy := iso.Private{Service: "COMPLAINT", Category: "NEEDY"}
	court := openCounter(t, n, "10200001", 102, 100)
	inquiry := court.send(court.pos.Tariff("COMPLAINT", 0), needy)
	if code, lines := pos.Code(inquiry), told(t, inquiry); code != "00" || pos.Amount(inquiry) != 0 ||
		lines != "complaint=0 قانون وصول برخی از درآمدهای دولت 3 14\n" {
		t.Errorf("the needy are told %s:\n%s", code, lines)
	}
	if code := pos.Code(court.pay(needy, 0)); code != "13" {
		t.Errorf("the needy pay nothing: %s", code)
	}
	if code := pos.Code(court.pay(iso.Private{Service: "COMPLAINT"}, 0)); code != "13" {
		t.Errorf("the others pay nothing: %s", code)
	}
	tax := openCounter(t, n, "10800001", 108, 200)
	used := iso.Private{Service: "VEHICLE-TRANSFER", Base: 1_000_000, HasBase: true, Option: "USED", FirstYear: 1400}
	if code := pos.Code(tax.pay(used, 6_000)); code != "30" {
		t.Errorf("an option without a rate: %s", code)
	}
	fine := iso.Private{Service: "TRAFFIC-FINE", Base: money.MaxPayment, HasBase: true, Due: calendar.DateOf(time.Now()).Add(-80)}
	police := openCounter(t, n, "10400001", 104, 300)
	if code := pos.Code(police.pay(fine, money.MaxPayment)); code != "61" {
		t.Errorf("a fine above the largest payment: %s", code)
	}
	credited(t, map[string]money.Rial{})
}

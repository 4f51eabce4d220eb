package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"treasury-switch/internal/fault"
	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/iso/sealed"
	"treasury-switch/money"
)

// sendCmd is a small terminal for people.
type sendCmd struct {
	File     string            `arg:"" optional:"" help:"A message as YAML or JSON, such as examples/messages/purchase.yaml; - reads standard input."`
	To       string            `env:"TREASURY_TERMINALS" default:"127.0.0.1:8583" placeholder:"HOST:PORT" help:"Where terminals connect. Default ${default}."`
	MTI      string            `name:"mti" help:"Message type; 0200 unless the file says otherwise."`
	PAN      string            `name:"pan" placeholder:"DIGITS" help:"Card number (F2): test cards only, since other users of the machine can see arguments."`
	Amount   string            `placeholder:"RIAL" help:"Amount (F4). A purchase without one asks for the price first."`
	Service  code              `placeholder:"CODE" help:"What is paid for (F48 SVC)."`
	Units    int64             `help:"Units of the service, such as sheets (F48 QTY)."`
	Due      given             `placeholder:"DAY" help:"Last day at the base price, 1405-08-30 or 2026-11-21 (F48 DUE)."`
	Request  given             `name:"requested" placeholder:"DAY" help:"Day on which the service was asked for (F48 RQD)."`
	Served   given             `placeholder:"DAY" help:"Day on which the service was rendered (F48 SVD)."`
	Terminal string            `placeholder:"ID" help:"Terminal (F41)."`
	Agency   string            `placeholder:"CODE" help:"Agency (F42 is its code with zeros); the terminal's first three digits unless given."`
	STAN     string            `name:"stan" placeholder:"DIGITS" help:"Trace number (F11); random unless given."`
	Local    string            `placeholder:"MMDDhhmmss" help:"Local date and time (F13, F12), to repeat a request."`
	Original string            `placeholder:"STAN:MMDDhhmmss" help:"The request that a reversal (0400, 0420) or a question is about."`
	Field    map[int]string    `placeholder:"N=VALUE" help:"Any field; wins over everything else. May be repeated."`
	Tag      map[string]string `placeholder:"TAG=VALUE" help:"Any tag of field 48. May be repeated."`
	Wait     time.Duration     `default:"40s" help:"How long to wait for the answer."`
	AsIs     bool              `name:"as-is" help:"Send although the message breaks the rules of the dialect."`
	Wire     wireSettings      `embed:"" prefix:"terminal-" envprefix:"TREASURY_TERMINAL_"`
}

func (sendCmd) Help() string {
	return `Prints the request and the answer field by field, masked. Exit code 0: approved. 2: another answer. 3: no answer in
time, so it may have been done. 69: nothing was sent.

Example:
  treasury-switch send --terminal 10100001 --service PASSPORT --pan 6037990000000014
  treasury-switch send --mti 0400 --terminal 10100001 --amount 1476112 --original 000123:1121103000
  treasury-switch send examples/messages/tariff-inquiry.yaml --json`
}

// Run sends the message, or two of them where the price is asked first.
func (c *sendCmd) Run(ctx context.Context, a *app) error {
	draft, err := c.draft(a)
	if err != nil {
		return err
	}
	client, err := c.client(a)
	if err != nil {
		return err
	}
	var done []pos.Exchange
	if priceless(draft) {
		asked, err := c.exchange(ctx, a, client, draft.PriceInquiry())
		done = append(done, asked)
		if err != nil || asked.Code() != iso.RC00Approved {
			return a.printExchanges(client.Codec.Dialect, done, err)
		}
		draft.Fields[iso.FieldAmount] = asked.Answer.Get(iso.FieldAmount)
	}
	sent, err := c.exchange(ctx, a, client, draft)
	if sent.Request == nil {
		return err
	}
	return a.printExchanges(client.Codec.Dialect, append(done, sent), err)
}

// priceless reports whether a draft is a purchase without an amount.
func priceless(d pos.Draft) bool {
	_, priced := d.Fields[4]
	return (d.MTI == iso.MTIPurchase.String() || d.MTI == iso.MTIPurchaseRepeat.String()) && !priced && len(d.Private) > 0
}

// client speaks the terminal's dialect as the settings of the listener have it. Its messages are written and read by moov, not by the
// wire table that the switch reads them with.
func (c *sendCmd) client(a *app) (*pos.Client, error) {
	wire, err := c.Wire.open(iso.TerminalDialect())
	if err != nil {
		return nil, err
	}
	return &pos.Client{Address: c.To, Wait: c.Wait, Now: a.now,
		Codec: sealed.Codec{Dialect: wire.Dialect.ByMoov(), Framing: wire.Framing, MAC: wire.MAC}}, nil
}

// exchange completes a draft, checks it against the dialect, and sends it.
func (c *sendCmd) exchange(ctx context.Context, a *app, client *pos.Client, d pos.Draft) (pos.Exchange, error) {
	m, err := d.Message(a.now(), c.stan())
	if err != nil {
		return pos.Exchange{}, err
	}
	if faults := client.Codec.Dialect.Check(m, iso.ToSwitch); len(faults) > 0 && !c.AsIs {
		return pos.Exchange{}, fault.New(fault.Invalid, "the message breaks the rules of the dialect (--as-is sends it all the same): %w", faults.Err())
	}
	return client.Do(ctx, m)
}

// stan is as messages carry it, so that the answer's is the same.
func (c *sendCmd) stan() string {
	if c.STAN != "" {
		return strings.Repeat("0", max(0, 6-len(c.STAN))) + c.STAN
	}
	return fmt.Sprintf("%06d", rand.IntN(999_999)+1)
}

// draft reads the file and puts the flags over it.
func (c *sendCmd) draft(a *app) (pos.Draft, error) {
	d := pos.Draft{}
	if c.File != "" {
		text, err := c.read(a)
		if err != nil {
			return d, err
		}
		if d, err = pos.ParseDraft(c.File, text); err != nil {
			return d, err
		}
	}
	if d.Fields == nil {
		d.Fields = map[int]string{}
	}
	if d.Private == nil {
		d.Private = map[string]string{}
	}
	return d, errors.Join(c.named(&d), c.overlay(&d))
}

func (c *sendCmd) read(a *app) ([]byte, error) {
	if c.File == "-" {
		return io.ReadAll(io.LimitReader(a.in, 1<<20))
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return nil, fault.New(fault.NotFound, "read the message: %w", err)
	}
	return text, nil
}

// named puts the named flags into their fields.
func (c *sendCmd) named(d *pos.Draft) error {
	if c.MTI != "" {
		d.MTI = c.MTI
	} else if d.MTI == "" {
		d.MTI = iso.MTIPurchase.String()
	}
	for f, value := range map[int]string{2: c.PAN, 41: c.Terminal} {
		if value != "" {
			d.Fields[f] = value
		}
	}
	if c.STAN != "" {
		d.Fields[11] = c.stan()
	}
	for tag, value := range map[string]string{"SVC": string(c.Service), "QTY": units(c.Units)} {
		if value != "" {
			d.Private[tag] = value
		}
	}
	for tag, text := range map[string]given{"DUE": c.Due, "RQD": c.Request, "SVD": c.Served} {
		day, err := parseDay(string(text))
		if err != nil {
			return err
		}
		if !day.IsZero() {
			d.Private[tag] = strings.ReplaceAll(day.String(), "-", "")
		}
	}
	if c.Local != "" {
		if len(c.Local) != 10 {
			return fault.New(fault.Invalid, "--local is MMDDhhmmss, such as 1121103000, not %q", c.Local)
		}
		d.Fields[13], d.Fields[12] = c.Local[:4], c.Local[4:]
	}
	if c.Amount != "" {
		amount, err := money.Parse(c.Amount)
		if err != nil {
			return fault.New(fault.Invalid, "--amount: %w", err)
		}
		d.Fields[4] = fmt.Sprintf("%012d", int64(amount))
	}
	return nil
}

// overlay puts in the acceptor, the original, and the fields and tags that were given by number and name.
func (c *sendCmd) overlay(d *pos.Draft) error {
	for tag, value := range c.Tag {
		d.Private[tag] = value
	}
	agency := c.Agency
	if id := d.Fields[41]; agency == "" && d.Fields[42] == "" && len(id) == 8 {
		agency = id[:3]
	}
	if agency != "" {
		d.Fields[42] = strings.Repeat("0", max(0, 15-len(agency))) + agency
	}
	for f, value := range c.Field {
		d.Fields[f] = value
	}
	if c.Original == "" {
		return nil
	}
	original, err := pos.ParseOriginal(c.Original)
	d.Original = original
	return err
}

func units(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

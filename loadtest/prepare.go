package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"treasury-switch/internal/pos"
	"treasury-switch/iso"
	"treasury-switch/loadtest/traffic"
)

// Terminals of load tests have numbers of their own in each agency: 101 begins with 10130000.
const (
	firstTill    = 30_000
	maxTerminals = 50_000
	priceWait    = 10 * time.Second
)

// prepare makes the terminals and asks for all prices.
func (s *system) prepare(ctx context.Context) (*traffic.Fleet, error) {
	offers := traffic.Offers()
	tills := tillsOf(offers, s.Terminals)
	if err := s.addTerminals(ctx, tills); err != nil {
		return nil, err
	}
	if err := s.askPrices(ctx, tills, offers); err != nil {
		return nil, err
	}
	return traffic.NewFleet(tills, offers, s.Seed)
}

// tillsOf spreads terminals evenly over the agencies that sell services.
func tillsOf(offers []traffic.Offer, n int) []traffic.Till {
	var agencies []int32
	for _, o := range offers {
		if !slices.Contains(agencies, o.Agency) {
			agencies = append(agencies, o.Agency)
		}
	}
	tills := make([]traffic.Till, 0, n)
	for i := range n {
		agency := agencies[i%len(agencies)]
		tills = append(tills, traffic.Till{Agency: agency, ID: fmt.Sprintf("%d%05d", agency, firstTill+i/len(agencies))})
	}
	return tills
}

// addTerminals enters those terminals that are not in the registry yet, as an operator would: a range for each agency.
func (s *system) addTerminals(ctx context.Context, tills []traffic.Till) error {
	byAgency := map[int32][]string{}
	for _, t := range tills {
		byAgency[t.Agency] = append(byAgency[t.Agency], t.ID)
	}
	for agency, ids := range byAgency {
		var last string
		err := s.pool.QueryRow(ctx, `SELECT coalesce(max(id), '') FROM terminal WHERE agency = $1 AND id = ANY($2)`, agency, ids).Scan(&last)
		if err != nil {
			return fmt.Errorf("look for the terminals of the load: %w", err)
		}
		ids = slices.DeleteFunc(ids, func(id string) bool { return id <= last })
		if len(ids) == 0 {
			continue
		}
		of := ids[0]
		if len(ids) > 1 {
			of += ".." + ids[len(ids)-1]
		}
		var out strings.Builder
		if _, err := s.operate(ctx, &out, "terminals", "add", of, "--agency", fmt.Sprint(agency), "--as", "maker"); err != nil {
			return err
		}
	}
	return nil
}

// askPrices asks the switch what each offer costs, at a terminal of its agency. Terminals that were just added are known to the
// switch within a second.
func (s *system) askPrices(ctx context.Context, tills []traffic.Till, offers []traffic.Offer) error {
	line := pos.NewLine(s.terminals, priceWait)
	defer line.Close()
	limit := time.Now().Add(priceWait)
	for i := range offers {
		at := tills[slices.IndexFunc(tills, func(t traffic.Till) bool { return t.Agency == offers[i].Agency })]
		till := pos.New(at.ID, at.Agency, int(s.Seed%900_000), time.Now)
		for {
			question := till.Tariff("ANY", 0)
			question.Set(iso.FieldPrivate, offers[i].Private)
			answer, err := line.Exchange(ctx, question)
			if err != nil {
				return fmt.Errorf("ask for the price of %s: %w", offers[i].Service(), cmp.Or(context.Cause(ctx), err))
			}
			code := pos.Code(answer)
			if code == iso.RC00Approved {
				offers[i].Price = int64(pos.Amount(answer))
				break
			}
			if code != iso.RC58NotPermittedTerminal || time.Now().After(limit) {
				return fmt.Errorf("the price of %s at terminal %s: the switch answers %s %s; the registry of examples/registry is needed",
					offers[i].Service(), at.ID, code, code.English())
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	return nil
}

package promrule

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

type call struct {
	name      string
	arguments []node
}

func (c call) eval(at time.Time, db *Samples) (value, error) {
	var arguments []value
	for _, a := range c.arguments {
		v, err := a.eval(at, db)
		if err != nil {
			return v, err
		}
		arguments = append(arguments, v)
	}
	switch {
	case c.name == "time" && len(arguments) == 0:
		return value{scalar: true, number: float64(at.UnixMilli()) / 1000}, nil
	case c.name == "abs" && len(arguments) == 1 && !arguments[0].scalar && arguments[0].ranges == nil:
		var v value
		for _, e := range arguments[0].vector {
			v.vector = append(v.vector, Element{e.Labels.without("__name__"), math.Abs(e.Value)})
		}
		return v, nil
	case c.name == "histogram_quantile" && len(arguments) == 2 && arguments[0].scalar && !arguments[1].scalar:
		return quantiles(arguments[0].number, arguments[1].vector)
	case (c.name == "rate" || c.name == "increase") && len(arguments) == 1 && arguments[0].ranges != nil:
		s := c.arguments[0].(selector)
		return growth(arguments[0].ranges, at.Add(-s.offset), s.over, c.name == "rate"), nil
	}
	return value{}, fmt.Errorf("%s is not called as it must be", c.name)
}

// growth is by how much counters have grown in a range, as a whole or a second, extrapolated to the ends of the range as Prometheus
// does (extrapolatedRate of its functions).
func growth(all []series, end time.Time, over time.Duration, perSecond bool) value {
	var v value
	for _, s := range all {
		points := s.points
		if len(points) < 2 {
			continue
		}
		first, last := points[0], points[len(points)-1]
		grown := last.value - first.value
		for i := 1; i < len(points); i++ {
			if points[i].value < points[i-1].value {
				grown += points[i-1].value // It was started anew.
			}
		}
		sampled := last.at.Sub(first.at).Seconds()
		between := sampled / float64(len(points)-1)
		toStart, toEnd := first.at.Sub(end.Add(-over)).Seconds(), end.Sub(last.at).Seconds()
		if toStart >= between*1.1 {
			toStart = between / 2
		}
		if grown > 0 && first.value >= 0 {
			toStart = min(toStart, sampled*(first.value/grown)) // It did not begin below zero.
		}
		if toEnd >= between*1.1 {
			toEnd = between / 2
		}
		grown *= (sampled + toStart + toEnd) / sampled
		if perSecond {
			grown /= over.Seconds()
		}
		v.vector = append(v.vector, Element{s.labels.without("__name__"), grown})
	}
	return v
}

type bucket struct{ upper, count float64 }

// quantiles estimates a quantile of each histogram from its buckets.
func quantiles(q float64, buckets []Element) (value, error) {
	groups, labels := map[string][]bucket{}, map[string]Labels{}
	var order []string
	for _, e := range buckets {
		upper, err := bound(e.Labels)
		if err != nil {
			continue // Not a bucket.
		}
		l := e.Labels.without("__name__", "le")
		k := l.key()
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k], labels[k] = append(groups[k], bucket{upper, e.Value}), l
	}
	var v value
	for _, k := range order {
		v.vector = append(v.vector, Element{labels[k], quantile(q, groups[k])})
	}
	return v, nil
}

func quantile(q float64, buckets []bucket) float64 {
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.upper, b.upper) })
	last := len(buckets) - 1
	if last < 1 || !math.IsInf(buckets[last].upper, 1) || buckets[last].count == 0 {
		return math.NaN()
	}
	for i := 1; i <= last; i++ { // Counts of one histogram do not fall; scrapes in mid-change may say so.
		buckets[i].count = max(buckets[i].count, buckets[i-1].count)
	}
	rank := q * buckets[last].count
	at := 0
	for at < last && buckets[at].count < rank {
		at++
	}
	if at == last {
		return buckets[last-1].upper
	}
	if at == 0 && buckets[0].upper <= 0 {
		return buckets[0].upper
	}
	from, upper, count := 0.0, buckets[at].upper, buckets[at].count
	if at > 0 {
		from = buckets[at-1].upper
		count -= buckets[at-1].count
		rank -= buckets[at-1].count
	}
	return from + (upper-from)*(rank/count)
}

// Package promrule evaluates the expressions of alert rules over scraped samples, as Prometheus does, as far as the product's rules
// go: selectors with ranges and offsets, rate, increase, histogram_quantile, abs, time, sum, max, min and count by labels, arithmetic,
// comparisons, and, or. Everything else is refused, so that a rule is either evaluated as Prometheus would or not at all. It
// lets tests provoke what an alert is about and see it fire; the product itself does not use it.
package promrule

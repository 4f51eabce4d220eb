package measure

import (
	"context"
	"time"

	"treasury-switch/internal/scrape"
)

// Scraped is what a load test reads of the switch's own metrics.
type Scraped struct {
	GroupSize scrape.Histogram // plans recorded by a transaction
	GroupTime scrape.Histogram // seconds until it is durable
	CPU       time.Duration    // of the process
	RSS       int64
	Forward   float64 // reversals queued
}

// Scrape reads /metrics of an admin port, whose address is a URL.
func Scrape(ctx context.Context, url string) (Scraped, error) {
	page, err := scrape.Ask(ctx, url)
	return scraped(page), err
}

func scraped(page scrape.Page) Scraped {
	return Scraped{
		GroupSize: page.Histogram("treasury_group_size", nil), GroupTime: page.Histogram("treasury_group_seconds", nil),
		CPU: time.Duration(page.Sum("process_cpu_seconds_total", nil) * float64(time.Second)),
		RSS: int64(page.Sum("process_resident_memory_bytes", nil)), Forward: page.Sum("treasury_forward_queued", nil),
	}
}

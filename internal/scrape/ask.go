package scrape

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"treasury-switch/internal/fault"
)

// Bounds of the question to a node.
const (
	askLimit   = 5 * time.Second
	replyLimit = 16 << 20 // bytes
)

// client takes the text as it is: packing and unpacking it would cost both sides more than sending it. It keeps no
// connection, so that nobody who asks once holds one of a node's.
var client = &http.Client{Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}

// Ask reads the metrics of the node whose admin listener has a URL, such as http://127.0.0.1:9464. fault.Unavailable if no
// node answers there, or not with metrics; fault.Invalid if that is no URL.
func Ask(ctx context.Context, url string) (Page, error) {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	address := strings.TrimPrefix(url, "http://")
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%q is no address such as 127.0.0.1:9464", address)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "no switch answers on %s (is `treasury-switch serve` running?): %w", address, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fault.New(fault.Unavailable, "%s does not answer like a treasury switch (status %d)", address, response.StatusCode)
	}
	page, err := Read(io.LimitReader(response.Body, replyLimit))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "%s: %w", address, err)
	}
	return page, nil
}

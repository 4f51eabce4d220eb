// Package metrics counts what the switch does, for Prometheus.
//
// Events are counted as they happen (Set implements switching.Observer and counts the messages of the listener);
// states, such as open connections, depths of queues and links, are read at each scrape (Watch). Every label comes from
// a closed list, so a peer that sends nonsense cannot make the number of series grow, and no label ever holds card
// data. docs/monitoring.md explains every metric to operators; a test holds that table, the dashboard and the alerts
// against what a node really serves.
package metrics

// Package metrics counts what the switch does, for Prometheus.
//
// What happens is counted when it happens (Set implements switching.Observer and counts the messages of the listener); what
// is, such as open connections, depths of queues and the state of links, is read when it is asked for (Watch). Every label
// comes from a closed list, so a peer that sends nonsense cannot make the number of series grow, and no label ever holds
// card data. docs/monitoring.md explains every metric to operators; a test holds that table, the dashboard and the alerts
// against what a node really serves.
package metrics

// Package metrics counts what the switch does, for Prometheus.
//
// What happens is counted when it happens (Set implements switching.Observer and the hooks of the listener and the
// terminal channel); what is, such as open connections and the state of links, is read when it is asked for (Watch). Every
// label comes from a closed list, so a peer that sends nonsense cannot make the number of series grow, and no label ever
// holds card data.
package metrics

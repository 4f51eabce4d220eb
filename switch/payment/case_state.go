package payment

// CarriedOut holds for an accepted proposal q with its decision d when it has had its effect: a case is closed by the
// decision itself, and money has moved when the payment's next record says so in the names of the two.
const CarriedOut = `(q.outcome = 'closed' OR EXISTS (SELECT 1 FROM event e
	WHERE e.agency = q.agency AND e.opened_on = q.opened_on AND e.payment = q.payment AND e.version = q.version + 1
	  AND e.was = 'CASE' AND e.status = upper(q.outcome) AND e.actor = q.maker || '+' || d.checker))`

// AnsweredCase holds for a case c when a proposal about it, or about a later case of its payment, was accepted and carried out. The
// LIMIT has PostgreSQL look for it case by case: EXISTS would be made a join with everything that was ever decided.
const AnsweredCase = `coalesce((SELECT true FROM case_proposal q JOIN case_decision d USING (agency, opened_on, payment, version, round)
	WHERE q.agency = c.agency AND q.opened_on = c.opened_on AND q.payment = c.payment AND q.case_version >= c.version
	  AND d.verdict = 'accepted' AND ` + CarriedOut + ` LIMIT 1), false)`

// OpenCasesOnly are the open ones of all cases c. They are few: they are found by their rows in open_case and each by its key, so that a list
// costs what is open and not what ever was.
const OpenCasesOnly = `open_case o CROSS JOIN LATERAL (SELECT * FROM payment_case WHERE agency = o.agency AND opened_on = o.opened_on
	     AND payment = o.payment AND version = o.version LIMIT 1) c WHERE NOT ` + AnsweredCase

/// Hands the list of all cases to a macro of the adapter's tests, which makes a test of each: see the example in this
/// crate's documentation. The list stands here once, so that a new case reaches every adapter by itself.
#[macro_export]
macro_rules! for_each_store_case {
    ($callback:ident) => {
        $callback! {
            slots {
                a_free_slot_is_taken
                a_slot_is_occupied_while_its_payment_is_open
                an_occupied_slot_stores_nothing
                a_slot_is_free_again_when_its_payment_has_ended
                other_users_and_other_slots_are_independent
                the_open_payment_of_a_slot_is_found_until_it_ends
                not_even_an_update_makes_two_open_payments_in_one_slot
                of_two_openings_at_once_one_takes_the_slot
            }
            payments {
                every_field_of_a_payment_survives
                absent_fields_of_a_payment_stay_absent
                saving_a_session_does_what_the_rules_of_a_payment_say
                saving_a_session_again_changes_nothing
                saving_a_session_of_an_unknown_payment_finds_none
                a_session_belongs_to_one_payment
                payments_are_found_by_session_or_id_once_each_and_in_order
                an_unknown_payment_is_none
                payments_are_found_by_their_payment_intents
                a_payment_is_found_by_its_session_whoever_asks
                a_payment_is_shown_to_its_owner_only
                those_who_wait_learn_how_their_payments_stand
                an_update_writes_every_payment_of_the_slice
                an_update_that_is_not_newer_is_a_conflict
                an_update_of_an_unknown_payment_is_a_conflict
                the_oldest_payments_left_creating_are_listed
            }
            subscriptions {
                every_field_of_a_subscription_survives
                absent_fields_of_a_subscription_stay_absent
                an_update_writes_every_field_that_may_change
                subscriptions_are_found_in_the_order_of_their_ids
                an_unknown_subscription_is_none
                a_subscription_that_exists_is_not_created_again
                an_update_that_is_not_newer_is_a_conflict
                an_update_of_an_unknown_subscription_is_a_conflict
                a_subscription_is_live_until_it_has_ended
                a_live_subscription_is_of_its_user_and_slot_only
                a_slot_remembers_whoever_has_had_a_subscription_in_it
                live_subscriptions_are_found_by_their_customers
                live_subscriptions_are_listed_first_and_then_the_newest
                a_list_is_limited_and_can_be_of_one_price
                a_list_shows_nothing_of_other_users
            }
            invoices {
                every_field_of_an_invoice_survives
                absent_fields_of_an_invoice_stay_absent
                an_update_writes_every_field_that_may_change
                invoices_are_found_by_id_or_payment_intent_once_each_and_in_order
                an_unknown_invoice_is_none
                an_invoice_that_exists_is_not_created_again
                an_update_that_is_not_newer_is_a_conflict
                the_newest_invoices_of_a_subscription_are_listed_first
            }
            refunds {
                every_field_of_a_refund_survives
                absent_fields_of_a_refund_stay_absent
                an_update_writes_every_field_that_may_change
                refunds_are_found_by_id_or_charge_once_each_and_in_order
                an_unknown_refund_is_none
                a_refund_that_exists_is_not_created_again
                an_update_that_is_not_newer_is_a_conflict
                refunds_are_listed_by_what_was_paid
            }
            disputes {
                every_field_of_a_dispute_survives
                absent_fields_of_a_dispute_stay_absent
                an_update_writes_every_field_that_may_change
                disputes_are_found_in_the_order_of_their_ids
                an_unknown_dispute_is_none
                a_dispute_that_exists_is_not_created_again
                an_update_that_is_not_newer_is_a_conflict
                disputes_are_listed_by_what_was_paid
            }
            customers {
                a_user_gets_one_customer_however_often_it_is_asked_for
                two_callers_at_once_get_the_same_customer
                users_have_customers_of_their_own
                the_id_that_is_written_first_stays
                an_id_for_an_unknown_customer_is_a_conflict
                an_id_belongs_to_one_customer
                customers_are_found_in_the_order_of_their_ids
                a_customer_without_an_id_is_not_found_by_one
                a_deleted_customer_is_found_and_its_user_gets_another_one
                the_earliest_second_of_a_deletion_is_kept
            }
            webhooks {
                an_event_is_processed_after_its_commit_and_not_before
                a_parked_event_counts_as_processed
                an_ignored_event_counts_as_processed
                a_claim_is_fresh_once
                claims_are_answered_in_the_order_of_the_question
                a_rolled_back_claim_can_be_made_again
                a_dropped_claim_can_be_made_again
                a_thousand_events_are_claimed_at_once
                texts_of_any_alphabet_are_taken
                an_outcome_needs_a_claim
            }
            parked {
                only_what_the_sweep_had_found_is_late_and_only_once
                held_events_tell_whether_they_were_delivered
                a_parked_event_is_found_with_its_body_and_another_one_is_not
                an_event_that_is_still_wrong_stays_parked
                a_replayed_event_has_its_effect_and_loses_its_body
                of_many_replays_at_once_one_has_the_effect
                old_events_are_forgotten_but_not_those_that_are_parked
            }
            refreshes {
                an_entry_is_claimed_when_it_is_due
                the_longest_due_come_first_and_no_more_than_the_limit
                a_claimed_entry_is_nobody_elses_until_its_lease_runs_out
                a_lease_outlives_no_jump_of_the_clock_by_an_hour
                two_workers_at_once_never_get_the_same_entry
                a_new_doubt_raises_the_generation
                one_object_twice_in_a_slice_is_two_doubts
                the_earlier_due_time_holds
                a_stub_gives_way_to_another_reason_and_no_reason_to_a_stub
                an_offer_is_taken_only_where_there_is_no_entry
                an_entry_is_cancelled_while_its_reason_is_the_same
                of_two_wishes_the_one_that_is_harder_to_answer_holds
                of_two_wishes_the_one_that_trusts_later_answers_holds
                every_kind_of_object_can_be_asked_for
                a_finished_entry_is_gone
                a_new_doubt_survives_the_end_of_an_older_claim
                a_new_doubt_does_not_break_a_lease
                a_postponed_entry_comes_back_when_it_is_due_and_counts_the_attempt
                a_postponed_entry_with_a_new_doubt_is_due_at_once
                ending_a_claim_whose_entry_is_gone_does_nothing
            }
            transitions {
                a_version_has_one_transition
                versions_and_objects_are_independent
                one_that_exists_undoes_the_whole_slice
            }
            sweeps {
                overdue_payments_are_those_that_the_rules_say
                only_payments_that_wait_for_something_are_overdue
                what_is_being_asked_about_is_not_overdue
                a_subscription_has_lapsed_when_a_date_has_passed_of_which_nothing_is_known
                subscriptions_that_have_not_ended_take_turns
                a_part_of_the_sweep_is_taken_on_once_in_its_time
                of_many_replicas_at_once_one_takes_a_part_of_the_sweep_on
                how_far_the_sweep_has_come_is_kept_and_never_goes_back
            }
            installation {
                the_first_installation_is_written_and_stays
                of_two_installations_at_once_one_wins
                a_store_is_ready
            }
            transactions {
                nothing_is_seen_before_the_commit
                a_status_that_is_behind_is_pending_and_never_failed
                a_rollback_undoes_every_table
                a_dropped_transaction_undoes_every_table
                a_transaction_sees_its_own_writes
                the_store_works_after_a_transaction_was_dropped
                the_store_works_after_the_wait_for_a_transaction_was_given_up
                empty_slices_do_nothing
            }
            batches {
                an_event_sent_fifty_times_at_once_has_one_effect
                an_event_twice_in_a_batch_has_one_effect
                overlapping_batches_in_any_order_give_every_event_one_effect
                a_refused_write_undoes_the_whole_batch
                a_batch_given_up_at_any_step_is_done_wholly_or_not_at_all
                a_batch_of_many_events_settles_all_of_them
                session_and_snapshot_at_once_make_one_subscription
            }
            orders {
                all_120_orders_of_a_subscriptions_life_end_in_the_same_rows
                every_order_of_a_sessions_facts_ends_in_the_same_payment
                two_events_for_one_fact_have_one_effect
                refunds_in_every_order_end_in_the_same_sum
                a_refund_that_contradicts_our_rows_is_parked_and_not_stored
                a_dispute_closed_before_it_was_created_stays_lost
                a_deleted_customer_ends_its_subscriptions_in_the_store
            }
        }
    };
}

/// Hands the list of the cases of the port `History` to a macro of the adapter's tests, as
/// [`for_each_store_case`](crate::for_each_store_case) does. They need a store that is both, by reference to its own type.
#[macro_export]
macro_rules! for_each_history_case {
    ($callback:ident) => {
        $callback! {
            history {
                events_are_listed_newest_first_and_page_by_page
                events_are_listed_by_outcome_and_reason
                every_fact_about_an_event_is_shown
                parked_missed_and_late_events_are_counted
                events_are_found_by_their_object_or_id_in_the_order_in_which_they_came
                changes_are_told_in_their_order
                what_waits_to_be_asked_is_told_with_its_attempts
                payments_are_found_by_their_user_or_subscription
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    macro_rules! names {
        ($($group:ident { $($case:ident)* })*) => {
            [$($((stringify!($group), stringify!($case)),)*)*]
        };
    }

    fn cases_in(group: &'static str, source: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
        let names = source.lines().filter_map(|line| line.strip_prefix("pub async fn ")?.split('(').next());
        names.map(move |name| (group, name))
    }

    #[test]
    fn every_case_is_listed() {
        let written: BTreeSet<_> = [
            ("batches", include_str!("batches.rs")),
            ("customers", include_str!("customers.rs")),
            ("disputes", include_str!("disputes.rs")),
            ("installation", include_str!("installation.rs")),
            ("invoices", include_str!("invoices.rs")),
            ("orders", include_str!("orders.rs")),
            ("parked", include_str!("parked.rs")),
            ("payments", include_str!("payments.rs")),
            ("refreshes", include_str!("refreshes.rs")),
            ("refunds", include_str!("refunds.rs")),
            ("slots", include_str!("slots.rs")),
            ("subscriptions", include_str!("subscriptions.rs")),
            ("sweeps", include_str!("sweeps.rs")),
            ("transactions", include_str!("transactions.rs")),
            ("transitions", include_str!("transitions.rs")),
            ("webhooks", include_str!("webhooks.rs")),
        ]
        .into_iter()
        .flat_map(|(group, source)| cases_in(group, source))
        .collect();
        let listed = BTreeSet::from(for_each_store_case!(names));
        assert_eq!(listed, written);
        let written: BTreeSet<_> = cases_in("history", include_str!("history.rs")).collect();
        assert_eq!(BTreeSet::from(for_each_history_case!(names)), written);
    }
}

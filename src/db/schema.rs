//! The tables of `migrations/`, as diesel sees them on both databases.

diesel::table! {
    organizations (id) {
        id -> BigInt,
        name -> Text,
        kind -> Text,
        currency -> Text,
        bill_to -> Text,
        email -> Nullable<Text>,
        qualification -> Nullable<Text>,
        qualified_from -> Nullable<Date>,
        qualified_until -> Nullable<Date>,
        partner_contract -> Nullable<Text>,
        partner_contract_from -> Nullable<Date>,
        partner_contract_until -> Nullable<Date>,
    }
}

diesel::table! {
    products (id) {
        id -> BigInt,
        manufacturer -> Text,
        part_number -> Text,
        description -> Text,
        contract_manufacturer -> Text,
        frs_on -> Nullable<Date>,
        eol_on -> Nullable<Date>,
        eos_on -> Nullable<Date>,
        eoe_on -> Nullable<Date>,
        replacement_part -> Nullable<Text>,
        family -> Nullable<Text>,
    }
}

diesel::table! {
    product_prices (product_id, currency) {
        product_id -> BigInt,
        currency -> Text,
        amount_minor -> BigInt,
    }
}

diesel::table! {
    sites (id) {
        id -> BigInt,
        code -> Text,
        name -> Text,
        kind -> Text,
        organization_id -> Nullable<BigInt>,
        contract_manufacturer -> Nullable<Text>,
        region -> Text,
        address -> Text,
        country -> Text,
        zone -> Text,
        calendar -> Text,
        contact_name -> Nullable<Text>,
        contact_email -> Nullable<Text>,
        contact_phone -> Nullable<Text>,
        cut_off -> Nullable<Text>,
    }
}

diesel::table! {
    site_days (site_id, day) {
        site_id -> BigInt,
        day -> Date,
        works -> Bool,
        name -> Text,
    }
}

diesel::table! {
    calendars (code) {
        code -> Text,
        weekend -> Text,
        known_from -> Date,
        known_to -> Date,
        make_up_known_to -> Nullable<Date>,
    }
}

diesel::table! {
    calendar_days (calendar, day) {
        calendar -> Text,
        day -> Date,
        works -> Bool,
        name -> Text,
    }
}

diesel::table! {
    contracts (id) {
        id -> BigInt,
        number -> Text,
        organization_id -> BigInt,
        level -> Text,
        starts_on -> Date,
        ends_on -> Date,
        media_retention -> Bool,
    }
}

diesel::table! {
    units (id) {
        id -> BigInt,
        manufacturer -> Text,
        serial_number -> Text,
        part_number -> Text,
        organization_id -> Nullable<BigInt>,
        site_id -> BigInt,
        status -> Text,
        shipped_on -> Date,
        distributor -> Nullable<Text>,
        resold_on -> Nullable<Date>,
        registered_on -> Nullable<Date>,
        cover_through_on -> Nullable<Date>,
        replaces_unit_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    unit_history (id) {
        id -> BigInt,
        unit_id -> BigInt,
        recorded_at -> Timestamp,
        actor -> Text,
        source -> Text,
        shipped_was -> Date,
        shipped_on -> Date,
        distributor_was -> Nullable<Text>,
        distributor -> Nullable<Text>,
        resold_was -> Nullable<Date>,
        resold_on -> Nullable<Date>,
        registered_was -> Nullable<Date>,
        registered_on -> Nullable<Date>,
        start_was -> Nullable<Date>,
        start_on -> Nullable<Date>,
        rule -> Nullable<Text>,
    }
}

diesel::table! {
    coverage (id) {
        id -> BigInt,
        contract_id -> BigInt,
        unit_id -> BigInt,
        from_on -> Date,
        through_on -> Date,
        former -> Bool,
    }
}

diesel::table! {
    placements (id) {
        id -> BigInt,
        unit_id -> BigInt,
        chassis_id -> BigInt,
        from_on -> Date,
        through_on -> Nullable<Date>,
    }
}

diesel::table! {
    programmes (id) {
        id -> BigInt,
        manufacturer -> Text,
        version -> Text,
        effective_on -> Date,
        document -> Text,
    }
}

diesel::table! {
    counters (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    cases (id) {
        id -> BigInt,
        number -> Text,
        organization_id -> BigInt,
        site_id -> BigInt,
        unit_id -> BigInt,
        priority -> SmallInt,
        summary -> Text,
        customer_reference -> Nullable<Text>,
        contact_name -> Text,
        contact_email -> Text,
        opened_by -> Text,
        opened_at -> Timestamp,
        closed_at -> Nullable<Timestamp>,
        modified_at -> Timestamp,
        kind -> Text,
        channel -> Text,
    }
}

diesel::table! {
    rmas (id) {
        id -> BigInt,
        number -> Text,
        number_value -> BigInt,
        version -> BigInt,
        case_id -> BigInt,
        case_number -> Text,
        manufacturer -> Text,
        serial_number -> Text,
        part_number -> Text,
        organization_id -> BigInt,
        account -> Text,
        bill_to -> Text,
        site_id -> BigInt,
        site -> Text,
        country -> Text,
        return_site_id -> Nullable<BigInt>,
        parent_id -> Nullable<BigInt>,
        mode -> Text,
        is_open -> Bool,
        authorisation -> Text,
        reason -> Nullable<Text>,
        outbound -> Text,
        inbound -> Text,
        repair -> Text,
        analysis -> Text,
        exposure -> Text,
        programme_version -> Nullable<Text>,
        entitlement -> Nullable<Text>,
        list_price_minor -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        charged_minor -> BigInt,
        credited_minor -> BigInt,
        replacement_serial -> Nullable<Text>,
        replacement_part -> Nullable<Text>,
        requested_at -> Timestamp,
        issued_on -> Nullable<Date>,
        shipped_at -> Nullable<Timestamp>,
        delivered_on -> Nullable<Date>,
        received_at -> Nullable<Timestamp>,
        closed_at -> Nullable<Timestamp>,
        anchor -> Nullable<Text>,
        anchor_on -> Nullable<Date>,
        due_on -> Nullable<Date>,
        due_rule -> Nullable<Text>,
        due_calendar -> Nullable<Text>,
        ship_due -> Nullable<Text>,
        repair_due_on -> Nullable<Date>,
        reminders_sent -> Integer,
        clock_at -> Nullable<Timestamp>,
        last_event_at -> Timestamp,
        state -> Nullable<Text>,
        terms_sequence -> Nullable<BigInt>,
        visit -> Text,
        visit_wanted_at -> Nullable<Timestamp>,
        next_task -> Nullable<Text>,
        return_label -> Nullable<Text>,
        is_owed -> Bool,
    }
}

diesel::table! {
    rma_events (rma_id, sequence) {
        rma_id -> BigInt,
        sequence -> BigInt,
        kind -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
        actor -> Text,
        source -> Text,
        payload -> Text,
        hash -> Text,
    }
}

diesel::table! {
    owed_positions (rma_id, sequence) {
        rma_id -> BigInt,
        sequence -> BigInt,
        recorded_from -> Timestamp,
        recorded_to -> Timestamp,
        status -> Text,
        issued_on -> Nullable<Date>,
        delivered_on -> Nullable<Date>,
        anchor -> Text,
        due_on -> Date,
        rule -> Text,
        calendar -> Text,
        exposure -> Text,
        charged_minor -> BigInt,
        reminders_sent -> Integer,
        last_event_at -> Timestamp,
    }
}

diesel::table! {
    ledger (rma_id, sequence) {
        rma_id -> BigInt,
        sequence -> BigInt,
        kind -> Text,
        amount_minor -> BigInt,
        currency -> Text,
        bill_to -> Text,
        reason -> Text,
        actor -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    dock_receipts (id) {
        id -> BigInt,
        site_id -> BigInt,
        #[sql_name = "box"]
        box_label -> Nullable<Text>,
        marked_number -> Nullable<Text>,
        serial_number -> Nullable<Text>,
        verdict -> Text,
        reason -> Text,
        rma_id -> Nullable<BigInt>,
        actor -> Text,
        occurred_at -> Timestamp,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        rma_id -> Nullable<BigInt>,
        run_id -> Nullable<BigInt>,
        sequence -> BigInt,
        kind -> Text,
        recipient -> Text,
        payload -> Text,
        state -> Text,
        created_at -> Timestamp,
        attempts -> Integer,
        token -> Integer,
        next_at -> Nullable<Timestamp>,
        lease_until -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        error -> Nullable<Text>,
    }
}

diesel::table! {
    case_notes (id) {
        id -> BigInt,
        case_id -> BigInt,
        rma_id -> Nullable<BigInt>,
        outbox_id -> Nullable<BigInt>,
        author -> Text,
        subject -> Text,
        body -> Text,
        noted_at -> Timestamp,
    }
}

diesel::table! {
    schedules (name) {
        name -> Text,
        cron -> Text,
        zone -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    slots (id) {
        id -> BigInt,
        schedule -> Text,
        slot -> Timestamp,
        state -> Text,
        attempts -> Integer,
        token -> Integer,
        next_at -> Nullable<Timestamp>,
        lease_until -> Nullable<Timestamp>,
        asked -> Bool,
        as_of -> Nullable<Date>,
        asked_by -> Nullable<Text>,
    }
}

diesel::table! {
    runs (id) {
        id -> BigInt,
        slot_id -> BigInt,
        schedule -> Text,
        slot -> Timestamp,
        token -> Integer,
        instance -> Text,
        outcome -> Text,
        started_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        duration_ms -> Nullable<BigInt>,
        row_count -> Nullable<BigInt>,
        file -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        summary -> Nullable<Text>,
        error -> Nullable<Text>,
        as_of -> Nullable<Date>,
        file_removed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        hash -> Text,
        name -> Text,
        role -> Text,
        user_email -> Nullable<Text>,
        organization_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
        last_used_on -> Nullable<Date>,
    }
}

diesel::table! {
    users (id) {
        id -> BigInt,
        email -> Text,
        role -> Text,
        organization_id -> Nullable<BigInt>,
        zone -> Text,
        password_hash -> Text,
        password_set_at -> Timestamp,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        user_id -> BigInt,
        hash -> Text,
        begun_at -> Timestamp,
        seen_at -> Timestamp,
    }
}

diesel::table! {
    partner_links (partner_id, customer_id) {
        partner_id -> BigInt,
        customer_id -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (principal, idempotency_key) {
        principal -> Text,
        idempotency_key -> Text,
        fingerprint -> Text,
        status -> SmallInt,
        headers -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    questionnaires (id) {
        id -> BigInt,
        family -> Text,
        version -> Text,
        effective_on -> Date,
        document -> Text,
    }
}

diesel::table! {
    interviews (id) {
        id -> BigInt,
        case_id -> BigInt,
        unit_id -> BigInt,
        family -> Nullable<Text>,
        version -> Nullable<Text>,
        state -> Text,
        answers -> Text,
        verdict -> Nullable<Text>,
        rma_id -> Nullable<BigInt>,
        started_by -> Text,
        started_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    case_overrides (id) {
        id -> BigInt,
        case_id -> BigInt,
        rma_id -> Nullable<BigInt>,
        rule -> Text,
        reason -> Text,
        actor -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    unit_care (id) {
        id -> BigInt,
        unit_id -> BigInt,
        kind -> Text,
        recorded_at -> Timestamp,
        actor -> Text,
        source -> Text,
        reason -> Text,
        account_was -> Nullable<Text>,
        account -> Nullable<Text>,
        site_was -> Nullable<Text>,
        site -> Nullable<Text>,
        account_was_id -> Nullable<BigInt>,
        account_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    tasks (id) {
        id -> BigInt,
        queue -> Text,
        case_id -> BigInt,
        rma_id -> Nullable<BigInt>,
        interview_id -> Nullable<BigInt>,
        reason -> Text,
        asked_by -> Text,
        asked_at -> Timestamp,
        settled_by -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
        answer -> Nullable<Text>,
        about -> Nullable<Text>,
    }
}

diesel::table! {
    case_closings (id) {
        id -> BigInt,
        case_id -> BigInt,
        agreed_by -> Text,
        agreed_at -> Timestamp,
        closed_by -> Text,
        closed_at -> Timestamp,
        reopened_at -> Nullable<Timestamp>,
        reopened_rma_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    house_state (name) {
        name -> Text,
        value -> Text,
        changed_at -> Timestamp,
    }
}

diesel::joinable!(tokens -> organizations (organization_id));
diesel::joinable!(users -> organizations (organization_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(product_prices -> products (product_id));
diesel::joinable!(sites -> organizations (organization_id));
diesel::joinable!(site_days -> sites (site_id));
diesel::joinable!(calendar_days -> calendars (calendar));
diesel::joinable!(contracts -> organizations (organization_id));
diesel::joinable!(units -> organizations (organization_id));
diesel::joinable!(units -> sites (site_id));
diesel::joinable!(coverage -> contracts (contract_id));
diesel::joinable!(coverage -> units (unit_id));
diesel::joinable!(cases -> organizations (organization_id));
diesel::joinable!(cases -> sites (site_id));
diesel::joinable!(cases -> units (unit_id));
diesel::joinable!(rmas -> cases (case_id));
diesel::joinable!(rmas -> organizations (organization_id));
diesel::joinable!(rma_events -> rmas (rma_id));
diesel::joinable!(owed_positions -> rmas (rma_id));
diesel::joinable!(ledger -> rmas (rma_id));
diesel::table! {
    attachments (id) {
        id -> BigInt,
        rma_id -> Nullable<BigInt>,
        case_id -> Nullable<BigInt>,
        receipt_id -> Nullable<BigInt>,
        kind -> Text,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        actor -> Text,
        recorded_at -> Timestamp,
        withdrawn_by -> Nullable<Text>,
        withdrawn_at -> Nullable<Timestamp>,
        withdrawn_because -> Nullable<Text>,
        bytes -> Nullable<Binary>,
    }
}

diesel::joinable!(attachments -> rmas (rma_id));
diesel::joinable!(attachments -> cases (case_id));
diesel::joinable!(attachments -> dock_receipts (receipt_id));
diesel::joinable!(dock_receipts -> sites (site_id));
diesel::joinable!(dock_receipts -> rmas (rma_id));
diesel::joinable!(outbox -> rmas (rma_id));
diesel::joinable!(case_notes -> cases (case_id));
diesel::joinable!(case_notes -> rmas (rma_id));
diesel::joinable!(runs -> slots (slot_id));
diesel::joinable!(interviews -> cases (case_id));
diesel::joinable!(interviews -> units (unit_id));
diesel::joinable!(interviews -> rmas (rma_id));
diesel::joinable!(tasks -> cases (case_id));
diesel::joinable!(case_overrides -> cases (case_id));
diesel::joinable!(case_closings -> cases (case_id));
diesel::joinable!(tasks -> rmas (rma_id));

diesel::allow_tables_to_appear_in_same_query!(
    organizations,
    products,
    product_prices,
    sites,
    site_days,
    calendars,
    calendar_days,
    contracts,
    units,
    coverage,
    placements,
    programmes,
    counters,
    cases,
    rmas,
    rma_events,
    owed_positions,
    ledger,
    dock_receipts,
    outbox,
    tokens,
    partner_links,
    users,
    sessions,
    idempotency_keys,
    case_notes,
    schedules,
    slots,
    runs,
    questionnaires,
    interviews,
    tasks,
    case_overrides,
    case_closings,
    unit_care,
    attachments,
    house_state,
);

-- Which unit a shipped replacement stands for is asked at each shipment.
CREATE INDEX units_replaces ON units (replaces_unit_id) WHERE replaces_unit_id IS NOT NULL;

DROP TABLE house_state;

mod calendar;
mod zone;

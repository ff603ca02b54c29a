use super::world;

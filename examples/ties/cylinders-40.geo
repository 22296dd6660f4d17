// Cylinders on a fraction of 0.40.
fraction = 0.40;
Include "cylinders.geo";

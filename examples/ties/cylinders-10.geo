// Cylinders on a fraction of 0.10.
fraction = 0.10;
Include "cylinders.geo";

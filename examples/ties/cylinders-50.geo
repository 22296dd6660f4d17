// Cylinders on a fraction of 0.50.
fraction = 0.50;
Include "cylinders.geo";

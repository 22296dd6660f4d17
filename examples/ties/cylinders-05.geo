// Cylinders on a fraction of 0.05.
fraction = 0.05;
Include "cylinders.geo";

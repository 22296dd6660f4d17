// Cylinders on a fraction of 0.30.
fraction = 0.30;
Include "cylinders.geo";

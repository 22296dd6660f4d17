// A channel of 30 x 10 with a hole of radius 2.5 at (10, 5).
SetFactory("OpenCASCADE");
Rectangle(1) = {0, 0, 0, 30, 10};
Disk(2) = {10, 5, 0, 2.5};
BooleanDifference(3) = {Surface{1}; Delete;}{Surface{2}; Delete;};
Physical Surface("fluid") = {3};
Physical Curve("inflow") = Curve In BoundingBox{-0.01, -0.01, -1, 0.01, 10.01, 1};
Physical Curve("outflow") = Curve In BoundingBox{29.99, -0.01, -1, 30.01, 10.01, 1};
Physical Curve("walls") = {Curve In BoundingBox{-0.01, -0.01, -1, 30.01, 0.01, 1}, Curve In BoundingBox{-0.01, 9.99, -1, 30.01, 10.01, 1}};
Physical Curve("circle") = Curve In BoundingBox{7, 2, -1, 13, 8, 1};

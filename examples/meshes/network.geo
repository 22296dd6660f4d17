// A network of pipes along one axis, metres: a main that splits into two branches, one of which splits again; the branches lie side by side, on the same coordinates.
Point(1) = {0, 0, 0};
Point(2) = {10, 0, 0};
Point(3) = {30, 0, 0};
Point(4) = {25, 0, 0};
Point(5) = {45, 0, 0};
Point(6) = {40, 0, 0};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {2, 4};
Line(4) = {4, 5};
Line(5) = {4, 6};
Physical Curve("wide") = {1};
Physical Curve("narrow") = {2:5};
Physical Point("pump") = {1};
Physical Point("taps") = {3, 5, 6};

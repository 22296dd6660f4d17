// The upper half of a stepped flat bar: heights 3 and 2, a fillet of radius 0.5 between them.
If (!Exists(h)) h = 0.06; EndIf
Point(1) = {-3, 0, 0, 4*h}; Point(2) = {4, 0, 0, 4*h}; Point(3) = {4, 1, 0, 4*h}; Point(4) = {3, 1, 0, h}; Point(5) = {0.5, 1, 0, h};
Point(6) = {0.5, 1.5, 0, h}; Point(7) = {0, 1.5, 0, h}; Point(8) = {-3, 1.5, 0, 4*h};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 5}; Circle(5) = {5, 6, 7}; Line(6) = {7, 8}; Line(7) = {8, 1};
Curve Loop(1) = {1:7}; Plane Surface(1) = {1};
Physical Surface("bar") = {1};
Physical Curve("middle") = {1}; Physical Curve("pulled") = {2}; Physical Curve("fillet") = {4, 5}; Physical Curve("top") = {6};
Physical Curve("held") = {7};

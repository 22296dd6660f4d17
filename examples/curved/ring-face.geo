// A quarter of a ring between the radii 1 and 1.5, with few cells of order 2: the face that the meshes of this folder are made of.
Point(1) = {0, 0, 0};
Point(2) = {1, 0, 0}; Point(3) = {1.5, 0, 0}; Point(4) = {0, 1.5, 0}; Point(5) = {0, 1, 0};
Line(1) = {2, 3}; Circle(2) = {3, 1, 4}; Line(3) = {4, 5}; Circle(4) = {5, 1, 2};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve {1, 3} = 2;
Transfinite Curve {2, 4} = 3;
Transfinite Surface {1};
Mesh.ElementOrder = 2;

// The upper half of a square plate of 1 mm with a notch from the left to its middle: fine where the crack will run, along the plane of symmetry. h is a quarter
// of the length l of fracture.yaml.
h = 0.00375;
Point(1) = {0, 0, 0, 0.04}; Point(2) = {0.5, 0, 0, h}; Point(3) = {1, 0, 0, h}; Point(4) = {1, 0.5, 0, 0.04}; Point(5) = {0, 0.5, 0, 0.04};
Line(1) = {1, 2}; Line(2) = {2, 3}; Line(3) = {3, 4}; Line(4) = {4, 5}; Line(5) = {5, 1};
Curve Loop(1) = {1, 2, 3, 4, 5};
Plane Surface(1) = {1};
Field[1] = Box; Field[1].VIn = h; Field[1].VOut = 0.04; Field[1].XMin = 0.47; Field[1].XMax = 1; Field[1].YMin = 0; Field[1].YMax = 0.02; Field[1].Thickness = 0.2;
Background Field = 1;
Physical Curve("notch") = {1}; Physical Curve("ligament") = {2}; Physical Curve("right") = {3}; Physical Curve("top") = {4};
Physical Surface("plate") = {1};

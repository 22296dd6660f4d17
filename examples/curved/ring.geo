// Triangles.
Include "ring-face.geo";
Physical Curve("x_axis") = {1}; Physical Curve("outer") = {2}; Physical Curve("y_axis") = {3}; Physical Curve("inner") = {4};
Physical Surface("ring") = {1};

// The unit disc
SetFactory("OpenCASCADE");
Disk(1) = {0, 0, 0, 1};
Physical Curve("rim") = {1};
Physical Surface("disc") = {1};

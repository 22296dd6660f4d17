width = 5;
Include "kirsch.geo";

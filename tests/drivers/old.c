/* A driver of CUDA that is too old for any build, for tests on machines that have none. */
int cuDriverGetVersion(int *version);
int cuInit(unsigned flags);
int cuDriverGetVersion(int *version) { return *version = 10020, 0; }
int cuInit(unsigned flags) { return (int)flags; }

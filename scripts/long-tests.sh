#!/usr/bin/env bash
# Sweeps that are too long for every change: all elements (vector fields, degrees 3 and 4 in space), records of kernels for sm_80 and sm_100, 20,000 random problems against dense algebra, random positive forms, fuzzing for GKT_FUZZ_SECONDS (default 600) each, the whole suite under sanitizers, small problems under valgrind, the whole suite beside a driver of CUDA that is too old; PETSc with CUDA and the bundle, built and tried.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/install-packages.sh long
cmake -S . -B build-asan -G Ninja -DGKT_SANITIZE=ON -DGKT_TESTS_CFLAGS= -DCMAKE_BUILD_TYPE=Debug -DGKT_TESTS_LIMIT=7200 >/dev/null
cmake --build build-asan
ctest --test-dir build-asan --output-on-failure -j2 -E 't900|t720'
scripts/build.sh -DGKT_TESTS_CFLAGS= -DGKT_TESTS_LIMIT=7200
scripts/memcheck.sh
mkdir -p build/old-driver
cc -w -shared -fPIC -Wl,-soname,libcuda.so.1 -o build/old-driver/libcuda.so.1 tests/drivers/old.c
LD_LIBRARY_PATH=$PWD/build/old-driver${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ctest --test-dir build --output-on-failure -j2 -E 't900'
export GKT_BACKEND=cuda GKT_DEVICE=emulated
ctest --test-dir build --output-on-failure -j2 -E 't900|t035|t720|_cuda$'
GKT_EMULATED_GLOBAL=1 GKT_EMULATED_SEED=2 ctest --test-dir build --output-on-failure -j2 -R 't(310|317|320|36|37|43)'
GKT_EMULATED_ORDERS=2 ctest --test-dir build --output-on-failure -j2 -R 't(310|317|36|37|43)'
unset GKT_BACKEND GKT_DEVICE
for t in t234_random_positive t511_problem_memory t322_invariance t324_elements t325_element_orders t326_element_backends t350_several_fields t360_segments_on_device t366_element_kernels t375_patch_registers t384_batch_registers t395_blocks_apart t397_numbers_of_batches t363_device_failures t381_device_assembly_memory t434_device_solver_failures t436_solve_kernels t438_device_run_memory t439_device_failures t464_kernels_on_device t466_vectors_on_device t483_arc_memory t514_hunt_of_several t518_device_failures t533_gallery t537_gradients_on_device t539_gradient_failures t549_runs_on_device t558_run_failures_on_device t739_samples_memory t760_hunt t770_kernel_records; do GKT_LONG=1 GKT_ROOT=$PWD build/tests/$t; done
for t in t035_mutation t611_slender t623_nan_hunt t624_inside_hunt t710_literature t714_flow t732_history t734_materials t735_restart t738_samples t741_dynamics t742_vortices t744_literature_in_time t761_answers t810_topology t815_shapes t816_stress t818_designs t823_block; do GKT_LONG=1 PYTHONPATH=tests GKT_ROOT=$PWD GKT_BIN=$PWD/build/bin GKT_BUILD=$PWD/build GKT_EMULATOR=$PWD/build/lib/libgalerkit_emulated.so python3 tests/*/$t.py; done
# VTK with its reader of XDMF, which Debian's has not
[ -x build/vtk/bin/python ] || { python3 -m venv build/vtk && build/vtk/bin/pip install --quiet vtk; }
GKT_VTK=$PWD/build/vtk/bin/python PYTHONPATH=tests GKT_ROOT=$PWD GKT_BIN=$PWD/build/bin python3 tests/examples/t737_vtk.py
GKT_FUZZ_SECONDS=${GKT_FUZZ_SECONDS:-600} scripts/test.sh -R t900
scripts/build-petsc-cuda.sh build-petsc && GKT_PETSC_CUDA=$PWD/build-petsc scripts/test.sh -R t784
scripts/make-bundle.sh && GKT_BUNDLE=$PWD/build-bundle scripts/test.sh -R t782
